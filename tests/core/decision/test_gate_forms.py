"""Reports as text for other tools; whatever a store holds, it stays text."""

from xml.etree import ElementTree as ET

from core.decision.gate_forms import as_junit, as_markdown
from tests.core.decision.reports import WEIRD, check, report, sliced

MIXED = report(
    check("loads", "passed"),
    check("max_broken", "failed", "warn", reason="Too many."),
    check("signature", "not_applicable"),
    check("better_than", "inconclusive", metric="f1", reason=WEIRD),
    sliced(),
)


def test_markdown() -> None:
    lines = as_markdown(MIXED).splitlines()
    assert lines[0] == "### Gate of m version 3: failed"
    assert lines[2].startswith(
        "Compared with version 1; 143 rows, 53 positive, threshold 0.5, sha256:55555555…"
    )
    assert "| max\\_broken | failed | warns | Too many. |" in lines
    assert "| recall no\\_worse\\_than by Sex | failed | blocks | Because. |" in lines
    assert "| — Sex = 1 to below 2 (40) | failed |  | Nested: it |" in lines
    assert "default" not in lines[2]


def test_markdown_says_when_nobody_wrote_a_policy() -> None:
    assert "the default one applies" in as_markdown(report(is_default=True))


def test_no_text_is_markup() -> None:
    text = as_markdown(report(check("loads", "failed", reason=WEIRD), model=WEIRD))
    assert "\\<b\\>\\|\\`x\\`" in text
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert len(text.splitlines()) == 7


def test_markdown_is_read_in_any_language() -> None:
    assert (
        as_markdown(MIXED, lambda text: text.upper() if "{" not in text else text).count("INCONCLUSIVE") == 1
    )


def test_junit() -> None:
    root = ET.fromstring(as_junit(MIXED))
    suite = root[0]
    assert suite.attrib == {
        "name": "Gate of m version 3: failed",
        "tests": "5",
        "failures": "2",
        "errors": "0",
        "skipped": "2",
    }
    cases = {case.attrib["name"]: case[0] for case in suite}
    assert cases["loads"].tag == "system-out"
    assert cases["max_broken"].attrib == {"message": "warning, failed: Too many."}
    assert cases["signature"].attrib == {"message": "not_applicable: Because."}
    assert cases["f1 better_than"].attrib["type"] == "inconclusive"
    assert "\x07" not in cases["f1 better_than"].attrib["message"]
    failure = cases["recall no_worse_than by Sex"]
    assert (failure.tag, failure.attrib["type"]) == ("failure", "failed")
    assert (failure.text or "").splitlines()[0] == "Sex = 1 to below 2 (40 rows), failed: Nested: it"


def test_junit_of_a_passed_gate_has_no_failures() -> None:
    root = ET.fromstring(as_junit(report(check("loads", "passed"))))
    assert (root.attrib["failures"], root.attrib["tests"]) == ("0", "1")
