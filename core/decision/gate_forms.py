"""A gate report as text that other tools show: Markdown for a pull request, JUnit XML for CI."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from core.decision.gate_report import CheckOutcome, CheckResult, GateReport
from core.gate_settings import Severity
from core.messages import Message, Translate, message

DEFAULT_POLICY: Final = message("No policy is written for this model, so the default one applies.")
OUTCOMES: Final = {
    CheckOutcome.PASSED: message("passed"),
    CheckOutcome.FAILED: message("failed"),
    CheckOutcome.INCONCLUSIVE: message("inconclusive"),
    CheckOutcome.NOT_APPLICABLE: message("not applicable"),
}
SEVERITIES: Final = {Severity.BLOCK: message("blocks"), Severity.WARN: message("warns")}
_SHORT: Final = 15  # characters of a fingerprint, "sha256:" among them
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def heading(report: GateReport) -> Message:
    """Which version the report is of, and what came of it."""
    values = {"model": report.model, "version": report.version, "outcome": OUTCOMES[report.outcome]}
    return message("Gate of {model} version {version}: {outcome}", **values)


def basis(report: GateReport) -> Message:
    """What it was compared with, and on what rows."""
    values = {
        "rows": report.rows,
        "positives": report.positives,
        "threshold": f"{report.threshold:g}",
        "fingerprint": f"{report.fingerprint[:_SHORT]}…",
    }
    if report.baseline is None:
        return message(
            "Compared with nothing; {rows} rows, {positives} positive, threshold {threshold}, {fingerprint}.",
            **values,
        )
    return message(
        "Compared with version {baseline}; {rows} rows, {positives} positive, threshold {threshold}, "
        "{fingerprint}.",
        baseline=report.baseline,
        **values,
    )


def as_markdown(report: GateReport, translate: Translate = str) -> str:
    """A heading, a paragraph and a table; no text of a store can be taken for markup."""
    paragraph = basis(report).read(translate)
    if report.is_default:
        paragraph = f"{paragraph} {DEFAULT_POLICY.read(translate)}"
    heads = (message("check"), message("outcome"), message("severity"), message("reason"))
    lines = [
        f"### {_plain(heading(report).read(translate))}",
        "",
        _plain(paragraph),
        "",
        f"| {' | '.join(head.read(translate) for head in heads)} |",
        "|---|---|---|---|",
        *(f"| {' | '.join(map(_plain, row))} |" for row in rows(report, translate)),
    ]
    return "\n".join(lines) + "\n"


def rows(report: GateReport, translate: Translate = str) -> Iterator[tuple[str, str, str, str]]:
    """Name, outcome, severity and reason of each check, and of its slices below it."""
    for check in report.checks:
        severity = SEVERITIES[check.severity].read(translate)
        outcome = OUTCOMES[check.outcome].read(translate)
        yield check.name, outcome, severity, check.finding.reason.read(translate)
        for one in check.slices:
            name = f"  {one.column} = {one.label.read(translate)} ({one.rows})"
            yield name, OUTCOMES[one.finding.outcome].read(translate), "", one.finding.reason.read(translate)


def as_junit(report: GateReport) -> str:
    """A test suite with a test for each check; in English.

    What keeps the version from Production is a failure, its type the outcome. A check that only warns, or
    does not apply, is skipped and says so.
    """
    skipped = [check for check in report.checks if _is_skipped(check)]
    counts = {"tests": str(len(report.checks)), "failures": str(len(report.blocking)), "errors": "0"}
    counts["skipped"] = str(len(skipped))
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": _xml(str(heading(report))), **counts})
    for check in report.checks:
        case = ET.SubElement(
            suite,
            "testcase",
            {"classname": _xml(f"gate.{report.model}.{report.version}"), "name": _xml(check.name)},
        )
        _add_outcome(case, check)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _is_skipped(check: CheckResult) -> bool:
    is_warning = check.is_open and check.severity is Severity.WARN
    return is_warning or check.outcome is CheckOutcome.NOT_APPLICABLE


def _add_outcome(case: ET.Element, check: CheckResult) -> None:
    told = _xml(str(check.finding.reason))
    if _is_skipped(check):
        warning = "warning, " if check.is_open else ""
        ET.SubElement(case, "skipped", {"message": f"{warning}{check.outcome}: {told}"})
    elif check.is_open:
        failure = ET.SubElement(case, "failure", {"message": told, "type": check.outcome.value})
        slices = (
            f"{one.column} = {one.label} ({one.rows} rows), {one.finding.outcome}: {one.finding.reason}"
            for one in check.slices
        )
        failure.text = _xml("\n".join(slices)) or None
    else:
        ET.SubElement(case, "system-out").text = told


def _plain(text: str) -> str:
    """Text on one line with nothing in it that Markdown or HTML would take for markup."""
    line = " ".join(text.split()) if not text.startswith("  ") else f"— {' '.join(text.split())}"
    return re.sub(r"([\\`*_{}\[\]<>#|&~])", r"\\\1", line)


def _xml(text: str) -> str:
    """Without the characters that XML has no way to say."""
    return _NO_XML.sub("�", text)
