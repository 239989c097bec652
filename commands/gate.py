"""`gate`: may a version go into Production?"""

from typing import TYPE_CHECKING

import click

from commands.compare import Baseline, ProductionOrNumber
from commands.decide import VersionNumber
from commands.output import print_json, print_table, tell
from commands.session import Session, pass_session

if TYPE_CHECKING:  # numpy and pandas come with it
    from core.decision.gate_report import GateReport
    from core.services import Services

REFUSED = 1  # exit status


@click.command()
@click.argument("model")
@click.argument("version", type=VersionNumber())
@click.option(
    "--baseline",
    type=ProductionOrNumber(),
    default="production",
    show_default=True,
    help="What the version is compared with.",
)
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown", "junit"]),
    default="table",
    show_default=True,
    help="A table to read, JSON for a program, Markdown for a pull request, JUnit XML for CI.",
)
@pass_session
def gate(
    session: Session, *, model: str, version: int, baseline: Baseline, threshold: float, form: str
) -> int:
    """Check VERSION of a registered MODEL against its promotion policy; score what is not scored yet.

    Exit status 0 where the gate is passed (warnings allowed), 1 where it failed or cannot tell, 3 where
    something is broken.
    """
    services = session.services
    _score(services, model, version, baseline, threshold)
    report = services.decisions.gate(model, version, baseline=baseline, threshold=threshold)
    _print(report, form)
    if not report.blocking:
        return 0
    if form != "table":
        tell(_sentence(report))
    return REFUSED


def _score(services: "Services", model: str, version: int, baseline: Baseline, threshold: float) -> None:
    """Return when neither version is being scored any more."""
    asked = services.comparisons.compare(model, versions=[version], baseline=baseline, threshold=threshold)
    for compared in services.comparisons.under_way(asked):
        tell(f"Scoring version {compared.number} of {model} …")
        services.scorer.wait(compared, asked.split)


def _print(report: "GateReport", form: str) -> None:
    from core.decision.gate_forms import as_junit, as_markdown  # noqa: PLC0415  brings what reports need
    from core.decision.gate_json import as_json  # noqa: PLC0415  likewise

    match form:
        case "json":
            print_json(as_json(report))
        case "markdown":
            click.echo(as_markdown(report), nl=False)
        case "junit":
            click.echo(as_junit(report), nl=False)
        case _:
            _print_table(report)


def _print_table(report: "GateReport") -> None:
    from core.decision.gate_forms import DEFAULT_POLICY, basis, rows  # noqa: PLC0415  as above

    click.echo(_sentence(report))
    click.echo(str(basis(report)))
    if report.is_default:
        click.echo(str(DEFAULT_POLICY))
    click.echo()
    print_table(["CHECK", "OUTCOME", "SEVERITY", "REASON"], list(rows(report)))


def _sentence(report: "GateReport") -> str:
    from core.decision.gate_forms import heading  # noqa: PLC0415  as above
    from core.decision.gatekeeping import named  # noqa: PLC0415  likewise

    parts = [f"{heading(report)}."]
    if report.blocking:
        parts.append(f"Not passed: {named(report.blocking)}.")
    if report.warnings:
        parts.append(f"Warnings: {named(report.warnings)}.")
    return " ".join(parts)
