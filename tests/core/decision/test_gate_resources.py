from importlib import metadata

import pytest

from core.decision.gate_metrics import BASELINE_UNSCORED, NO_BASELINE
from core.decision.gate_report import Finding
from core.decision.gate_resources import check_requirements, check_resource
from core.evidence.libraries import required
from core.gate_settings import Resource, ResourceGate

HERE = metadata.version("numpy")


@pytest.mark.parametrize("resource", list(Resource))
@pytest.mark.parametrize(
    ("relative", "value", "baseline", "outcome"),
    [
        (False, 2.0, None, "passed"),
        (False, 2.01, None, "failed"),
        (False, None, 5.0, "inconclusive"),
        (True, 6.0, 3.0, "passed"),
        (True, 6.1, 3.0, "failed"),
        (True, 6.0, None, "inconclusive"),
        (True, 6.0, 0.0, "inconclusive"),
        (True, None, 3.0, "inconclusive"),
        (True, 6.0, NO_BASELINE, "not_applicable"),
        (True, 6.0, BASELINE_UNSCORED, "inconclusive"),
        (False, 2.0, NO_BASELINE, "passed"),
    ],
)
def test_a_limit(
    resource: Resource, relative: object, value: float | None, baseline: float | Finding | None, outcome: str
) -> None:
    gate = ResourceGate(resource=resource, at_most=2.0, relative=bool(relative))
    assert check_resource(gate, value, baseline).outcome == outcome


@pytest.mark.parametrize(
    ("lines", "outcome", "said"),
    [
        ((f"numpy=={HERE}", "pandas>=1", 'nowhere==1; python_version < "3"'), "passed", "All 2 required"),
        (("numpy==0.1", f"numpy>={HERE}"), "failed", f"in another version: numpy==0.1 ({HERE})."),
        (("not-installed-anywhere", "numpy==0.1"), "failed", "Not installed here: not-installed-anywhere."),
        (("numpy", "git+https://example.org/x.git"), "inconclusive", "Cannot be looked up: git+https:"),
        (("numpy @ https://example.org/numpy.whl",), "inconclusive", "Cannot be looked up"),
        (("numpy==0.1", "./wheels/x.whl"), "failed", "another version"),
        ((), "inconclusive", "no requirements.txt"),
    ],
)
def test_requirements(lines: tuple[str, ...], outcome: str, said: str) -> None:
    finding = check_requirements(required(lines))
    assert finding.outcome == outcome
    assert said in str(finding.reason)
