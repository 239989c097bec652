"""README's section on gates, word by word: its settings, its codes, and each of its examples."""

import re
from pathlib import Path

import numpy as np
import pytest

from core.decision.gate_policy import default_gates
from core.gate_settings import OF_RESOURCE, SETTINGS, Severity
from tests.core.decision.gating import Case, card, policy, split_of

README = Path(__file__).resolve().parents[3] / "README.md"
SECTION = re.search(r"^## Gates\n(.*?)^## ", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
assert SECTION is not None
TEXT = SECTION[1]
EXAMPLES = re.findall(
    r"^\| `(\{.*\})` \| (passed|failed|inconclusive|not applicable) \| (.*) \|$", TEXT, re.MULTILINE
)
CODES = (
    "loads",
    "scores",
    "at_least",
    "at_most",
    "better_than",
    "no_worse_than",
    "max_broken",
    "signature",
    "latency_ms_per_1000",
    "size_mb",
    "requirements",
)


@pytest.fixture(scope="module")
def case() -> Case:
    """The versions of which README tells."""
    labels = np.zeros(400, dtype=bool)
    labels[:80] = labels[200:280] = True
    positive, negative = np.flatnonzero(labels), np.flatnonzero(~labels)
    production, candidate = np.zeros(400, dtype=bool), np.zeros(400, dtype=bool)
    production[positive[:120]] = production[negative[:24]] = True
    candidate[positive[8:136]] = candidate[negative[8:32]] = True  # 8 + 8 broken, 16 + 8 fixed
    return Case(
        split=split_of(labels, {"sex": ["f"] * 200 + ["m"] * 200}),
        given={1: np.where(production, 0.9, 0.1), 2: np.where(candidate, 0.9, 0.1)},
        cards={
            1: card({"age": "double", "fare": "double"}, size_bytes=1_500_000),
            2: card(
                {"age": "double", "fare": "double"},
                size_bytes=3_000_000,
                requirements=("no-such-library==1.0",),
            ),
        },
        times={1: 30.0, 2: 40.0},
    )


@pytest.mark.parametrize(("written", "outcome", "sentence"), EXAMPLES)
def test_each_example_comes_out_as_it_is_told(case: Case, written: str, outcome: str, sentence: str) -> None:
    result = case.check(written)
    assert (result.outcome.replace("_", " "), str(result.finding.reason)) == (outcome, sentence)


def test_there_is_an_example_of_each_check() -> None:
    shown = {
        (case_.rule.value if hasattr(case_, "rule") else type(case_).__name__)
        for written, _, _ in EXAMPLES
        for case_ in policy(written)
    }
    assert shown >= {"at_least", "at_most", "better_than", "no_worse_than", "BrokenGate", "SignatureGate"}
    assert shown >= {"ResourceGate", "RequirementsGate"}


@pytest.mark.parametrize("word", [*SETTINGS, *OF_RESOURCE, *CODES, *Severity])
def test_every_setting_and_code_is_explained(word: str) -> None:
    assert re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", TEXT)


def test_the_policy_of_the_section_can_be_read() -> None:
    (written,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    checks = [line.strip().removeprefix("- ") for line in written.splitlines() if "- {" in line]
    assert len(policy(*checks)) == 6


def test_the_default_is_the_one_that_is_told() -> None:
    told = re.search(r"`(\{signature: compatible\})` blocks, and `(\{metric: …, [^`]*\})`", TEXT)
    assert told is not None
    assert policy(told[1], told[2].replace("…", "mcc")) == default_gates("mcc")


def test_codes_are_those_that_reports_have(case: Case) -> None:
    report = case.report(*(written for written, _, _ in EXAMPLES))
    assert {check.code for check in report.checks} == set(CODES)
