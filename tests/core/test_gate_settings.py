import math
from pathlib import Path
from typing import Protocol

import pytest

from core.errors import SettingsError
from core.evidence.metrics import METRIC
from core.gate_settings import (
    _HIGHEST,
    _LOWEST,
    BrokenGate,
    Gate,
    MetricGate,
    RequirementsGate,
    Resource,
    ResourceGate,
    Rule,
    Severity,
    SignatureGate,
)
from core.settings import load_settings

PLACE = r"runoff\.yaml: models\.m\.gates\[0\]"


class Read(Protocol):
    def __call__(self, *checks: str) -> tuple[Gate, ...]: ...


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The checks of a policy, each written as an item of the list."""

    def read(*checks: str) -> tuple[Gate, ...]:
        lines = "".join(f"      - {check}\n" for check in checks)
        (tmp_path / "runoff.yaml").write_text(f"models:\n  m:\n    gates:\n{lines}")
        return load_settings(None, environ={}, folder=tmp_path).for_model("m").gates

    return read


def test_every_check_is_read(read: Read) -> None:
    assert read(
        "{metric: roc_auc, at_least: 0.8}",
        "{metric: log_loss, at_most: 7, surely: true, severity: warn}",
        "{metric: f1, better_than: production}",
        "{metric: recall, no_worse_than: production, margin: 0.05, slices: [Sex, Pclass], min_rows: 50}",
        "{metric: mcc, no_worse_than: production}",
        "{metric: mcc, at_least: -1}",
        "{max_broken: 0.05}",
        "{signature: compatible, severity: block}",
        "{latency_ms_per_1000: {at_most: 50}}",
        "{size_mb: {at_most: 1.5, relative: true}, severity: warn}",
        "{requirements: satisfied}",
    ) == (
        MetricGate(metric="roc_auc", rule=Rule.AT_LEAST, bound=0.8),
        MetricGate(metric="log_loss", rule=Rule.AT_MOST, bound=7.0, surely=True, severity=Severity.WARN),
        MetricGate(metric="f1", rule=Rule.BETTER_THAN),
        MetricGate(
            metric="recall", rule=Rule.NO_WORSE_THAN, margin=0.05, slices=("Sex", "Pclass"), min_rows=50
        ),
        MetricGate(metric="mcc", rule=Rule.NO_WORSE_THAN),
        MetricGate(metric="mcc", rule=Rule.AT_LEAST, bound=-1.0),
        BrokenGate(at_most=0.05),
        SignatureGate(),
        ResourceGate(resource=Resource.LATENCY, at_most=50.0),
        ResourceGate(resource=Resource.SIZE, at_most=1.5, relative=True, severity=Severity.WARN),
        RequirementsGate(),
    )


def test_a_check_blocks_unless_it_is_told_to_warn(read: Read) -> None:
    assert read("{signature: compatible}")[0].severity is Severity.BLOCK


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("roc_auc", rf"{PLACE} is no check\. Write one like \{{metric: roc_auc, at_least: 0\.8\}}\."),
        ("{}", rf"{PLACE} says nothing to check\. Name one of metric, max_broken, signature"),
        ("{metrc: f1, at_least: 1}", rf"{PLACE}\.metrc is not a setting\. Did you mean metric\?"),
        ("{metric: roc_acu, at_least: 1}", rf'{PLACE}\.metric cannot be "roc_acu"\. Did you mean roc_auc'),
        ("{metric: f1}", rf"{PLACE} does not say what is asked of f1\. Add one of at_least, at_most, better"),
        ("{metric: f1, at_least: 0.5, at_most: 0.6}", rf"{PLACE} holds several checks: at_least, at_most\."),
        ("{metric: f1, max_broken: 0.1}", rf"{PLACE} holds several checks: metric, max_broken\. Write each"),
        ("{metric: f1, at_least: 70}", rf"{PLACE}\.at_least cannot be 70\. Write a number from 0 to 1\."),
        ("{metric: log_loss, at_most: -1}", rf"{PLACE}\.at_most cannot be -1\. Write a number from 0\."),
        ("{metric: f1, at_least: high}", rf'{PLACE}\.at_least cannot be "high"\. Write a number'),
        ("{metric: log_loss, at_most: .inf}", rf"{PLACE}\.at_most cannot be Infinity"),
        ("{metric: f1, at_least: .nan}", rf"{PLACE}\.at_least cannot be NaN"),
        ("{metric: log_loss, at_most: 1" + "0" * 400 + "}", rf"{PLACE}\.at_most cannot be 10+"),
        ("{metric: f1, at_least: true}", rf"{PLACE}\.at_least cannot be true"),
        ("{metric: f1, better_than: 3}", rf"{PLACE}\.better_than must be text"),
        (
            "{metric: f1, better_than: prod}",
            rf'{PLACE}\.better_than cannot be "prod"\. Known here: production',
        ),
        (
            "{metric: f1, better_than: production, margin: 0.1}",
            rf"{PLACE}\.margin has no effect here\. It be",
        ),
        ("{metric: f1, no_worse_than: production, surely: true}", rf"{PLACE}\.surely has no effect here\."),
        ("{metric: f1, no_worse_than: production, margin: -1}", rf"{PLACE}\.margin cannot be -1"),
        (
            "{metric: f1, at_least: 0.5, min_rows: 9}",
            rf"{PLACE}\.min_rows has no effect here\. It belongs to",
        ),
        ("{metric: f1, at_least: 0.5, slices: Sex}", rf'{PLACE}\.slices cannot be "Sex"\. Write a list'),
        (
            "{metric: f1, at_least: 0.5, slices: [Sex], min_rows: 0}",
            rf"{PLACE}\.min_rows cannot be 0\. Write",
        ),
        ("{metric: f1, at_least: 0.5, slices: [Sex], min_rows: 2.5}", rf"{PLACE}\.min_rows cannot be 2\.5\."),
        (
            "{metric: f1, at_least: 0.5, severity: stop}",
            rf'{PLACE}\.severity cannot be "stop"\. Known here: b',
        ),
        ("{max_broken: 5}", rf"{PLACE}\.max_broken cannot be 5\. Write a number from 0 to 1\."),
        (
            "{max_broken: 0.5, margin: 0.1}",
            rf"{PLACE}\.margin is not a setting\. Known here: max_broken, sev",
        ),
        ("{signature: same}", rf'{PLACE}\.signature cannot be "same"'),
        ("{requirements: true}", rf"{PLACE}\.requirements must be text"),
        ("{size_mb: 5}", rf"{PLACE}\.size_mb cannot be 5\. Write its settings below it"),
        ("{size_mb: {relative: true}}", rf"{PLACE}\.size_mb\.at_most is missing\. Add at_most: below models"),
        (
            "{size_mb: {at_most: 1, relative: 2}}",
            rf"{PLACE}\.size_mb\.relative cannot be 2\. Write true or f",
        ),
        (
            "{size_mb: {at_least: 1}}",
            rf"{PLACE}\.size_mb\.at_least is not a setting\. Did you mean at_most\?",
        ),
    ],
)
def test_what_is_written_wrong_is_one_line_that_names_the_place(
    read: Read, check: str, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        read(check)
    assert "\n" not in str(refused.value)


def test_the_second_check_is_named_as_such(read: Read) -> None:
    with pytest.raises(SettingsError, match=r"models\.m\.gates\[1\]\.max_broken cannot be 2"):
        read("{max_broken: 0.1}", "{max_broken: 2}")


def test_bounds_are_those_that_the_metrics_can_take() -> None:
    for metric in METRIC.values():
        assert _LOWEST.get(metric.name, 0.0) == metric.low
        assert _HIGHEST.get(metric.name, 1.0) == metric.high or math.isinf(metric.high)
