import json
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from core.settings import DEMO_FILE
from tests.commands.conftest import Call, Ended

MODEL = "titanic-survival"  # version 1, in Production, takes two columns, all others four
WHY = ("--reason", "Better on the fixed split.")
Gated = Callable[..., Ended]


@pytest.fixture
def gated(call: Call, copied_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gated:
    """`python app.py` over a copy of the demo, with a policy of one's own."""
    shutil.copytree(copied_demo / ".runoff", tmp_path / ".runoff")
    for path in (tmp_path / ".runoff").glob("runoff.db*"):
        path.unlink()
    for path in (tmp_path / ".runoff").glob("*ledger*"):
        path.unlink()
    monkeypatch.chdir(tmp_path)

    def called(policy: str | None, *arguments: str) -> Ended:
        settings = yaml.safe_load(DEMO_FILE.read_text())
        model = settings["models"][MODEL]
        model["split"]["data"] = str(DEMO_FILE.parent / model["split"]["data"])
        model.pop("gates")
        if policy is not None:
            model["gates"] = yaml.safe_load(policy)
        (tmp_path / "runoff.yaml").write_text(yaml.safe_dump({"models": {MODEL: model}}))
        return call(*arguments)

    return called


def test_a_candidate_that_passes(gated: Gated) -> None:
    policy = """
    - {metric: roc_auc, better_than: production}
    - {metric: roc_auc, at_least: 0.8}
    - {metric: accuracy, no_worse_than: production, margin: 0.1, slices: [Sex], min_rows: 40}
    - {signature: compatible, severity: warn}
    - {latency_ms_per_1000: {at_most: 60000}}
    - {size_mb: {at_most: 1}}
    - {requirements: satisfied}
    """
    ended = gated(policy, "gate", MODEL, "2")
    assert ended.status == 0, ended
    title, basis, _, head, *rows = ended.out.splitlines()
    assert title == f"Gate of {MODEL} version 2: passed. Warnings: signature."
    assert basis.startswith("Compared with version 1; 143 rows, 53 positive, threshold 0.5, sha256:")
    assert head.split() == ["CHECK", "OUTCOME", "SEVERITY", "REASON"]
    assert [row.split("  ")[0] for row in rows if not row.startswith(" ")] == [
        "loads",
        "scores",
        "roc_auc better_than",
        "roc_auc at_least",
        "accuracy no_worse_than by Sex",
        "signature",
        "latency_ms_per_1000",
        "size_mb",
        "requirements",
    ]
    assert sum(row.lstrip().startswith("Sex = ") for row in rows) == 2


def test_a_candidate_that_fails_is_not_promoted(gated: Gated) -> None:
    policy = "[{metric: roc_auc, at_least: 0.99}, {signature: compatible}]"
    ended = gated(policy, "gate", MODEL, "2", "--format", "json")
    assert ended.status == 1
    report = json.loads(ended.out)
    assert (report["outcome"], report["baseline"], report["policy"]["default"]) == ("failed", 1, False)
    assert [one["outcome"] for one in report["checks"]] == ["passed", "passed", "failed", "failed"]
    assert ended.err.splitlines()[-1] == (
        f"Gate of {MODEL} version 2: failed. Not passed: roc_auc at_least, signature."
    )

    ended = gated(policy, "promote", MODEL, "2", *WHY)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[-1] == (
        "Error: Version 2 fails its gate: roc_auc at_least, signature. "
        "Choose another version, or override the gate and say why."
    )

    ended = gated(policy, "promote", MODEL, "2", "--override", "--format", "json", *WHY)
    assert ended.status == 0, ended
    entry = json.loads(ended.out)
    assert (entry["phase"], entry["overridden"], entry["reason"]) == ("done", True, WHY[1])
    assert entry["gate"]["checks"] == report["checks"]
    assert entry["gate"]["seal"] == report["seal"]
    told = "The gate was overridden: roc_auc at_least failed, signature failed."
    assert told in ended.err.splitlines()
    assert gated(policy, "rollback", MODEL, "--reason", "Back.").status == 0
    assert gated(policy, "ledger", "verify").status == 0


def test_a_candidate_that_cannot_be_told(gated: Gated) -> None:
    policy = "[{metric: roc_auc, no_worse_than: production}]"
    ended = gated(policy, "gate", MODEL, "4", "--baseline", "2", "--format", "junit")
    assert ended.status == 1
    root = ET.fromstring(ended.out)
    assert root.attrib["failures"] == "1"
    (failure,) = root.iter("failure")
    assert failure.attrib["type"] == "inconclusive"
    assert "cannot be told" in failure.attrib["message"]
    assert "rows would be needed" in failure.attrib["message"]


def test_without_a_policy_the_default_warns_and_the_signature_blocks(gated: Gated) -> None:
    ended = gated(None, "gate", MODEL, "3", "--format", "markdown")
    assert ended.status == 1
    assert "No policy is written for this model, so the default one applies." in ended.out
    assert "| signature | failed | blocks |" in ended.out
    assert "| roc\\_auc no\\_worse\\_than | passed | warns |" in ended.out
    ended = gated(None, "gate", MODEL, "4", "--baseline", "2")
    assert ended.status == 0, ended
    assert ended.out.startswith(f"Gate of {MODEL} version 4: passed. Warnings: roc_auc no_worse_than.")


def test_warnings_are_printed_and_do_not_block(gated: Gated) -> None:
    ended = gated("[{signature: compatible, severity: warn}]", "promote", MODEL, "2", *WHY)
    assert ended.status == 0, ended
    assert ended.err.splitlines()[-1] == (
        'Warning: signature, failed. It needs the input "Sex", which the baseline\'s callers do not send.'
    )


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["gate", MODEL, "99"], 3, "has no version 99"),
        (["gate", "titanic-survivals", "1"], 3, 'Did you mean "titanic-survival"?'),
        (["gate", MODEL, "two"], 2, "'two' is no version number"),
        (["gate", MODEL, "2", "--threshold", "2"], 2, "2.0 is not in the range 0<=x<=1"),
        (["gate", MODEL, "2", "--baseline", "best"], 2, "'best' is neither 'production' nor a version"),
        (["gate", MODEL, "2", "--format", "html"], 2, "'html' is not one of"),
        (["gate", "breast-cancer", "1"], 0, ""),
    ],
)
def test_what_is_refused_is_one_sentence(
    call: Call, arguments: list[str], status: int, sentence: str
) -> None:
    ended = call(*arguments)
    assert ended.status == status, ended
    if status:
        assert ended.out == ""
        (error,) = ended.err.splitlines()
        assert error.startswith("Error: ")
        assert sentence in error
        assert "Unexpected" not in error


def test_a_policy_that_is_written_wrong_stops_the_start(gated: Gated) -> None:
    ended = gated("[{metric: roc_auc, at_leest: 0.8}]", "gate", MODEL, "2")
    assert (ended.status, ended.out) == (2, "")
    (error,) = ended.err.splitlines()
    assert error.endswith(f"models.{MODEL}.gates[0].at_leest is not a setting. Did you mean at_least?")
