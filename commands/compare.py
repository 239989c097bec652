"""`compare`: versions side by side on the test split."""

import re
import sys
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Literal

import click
from tqdm import tqdm

from commands.output import print_json, tell
from commands.session import Session, pass_session
from looks.language import LANGUAGES, reading

if TYPE_CHECKING:  # numpy and pandas come with it
    from core.evidence.comparison import Comparison
    from core.evidence.row_evidence import RowEvidence
    from core.services import Services

CANNOT_SCORE = 3  # exit status
ASK_AGAIN_SECONDS = 0.2

Baseline = int | Literal["production"]


class Numbers(click.ParamType[tuple[int, ...]]):
    """Version numbers, separated by commas, each once."""

    name = "1,2,3"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Numbers in the order given."""
        text = str(value)
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*(,\s*[0-9]{1,9}\s*)*", text, re.ASCII):
            self.fail(f"{text!r} is no list of version numbers, as in 1,2,3", param, ctx)
        return tuple(dict.fromkeys(int(number) for number in text.split(",")))


class ProductionOrNumber(click.ParamType[Baseline]):
    """The baseline: the word, or the number of a version."""

    name = "production|N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Baseline:
        """The word itself, or a number."""
        text = str(value).strip()
        if text == "production":
            return "production"
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
            self.fail(f"{text!r} is neither 'production' nor a version number", param, ctx)
        return int(text)


@click.command()
@click.argument("model")
@click.option("--versions", type=Numbers(), help="Candidates; default: the newest, and Production.")
@click.option(
    "--baseline",
    type=ProductionOrNumber(),
    default="production",
    show_default=True,
    help="What the candidates are compared with.",
)
@click.option("--threshold", type=float, default=0.5, show_default=True, help="From 0 to 1.")
@click.option("--again", is_flag=True, help="Score what has failed before once more.")
@click.option("--differs", is_flag=True, help="Also what differs: parameters, signature, requirements, …")
@click.option("--slices", is_flag=True, help="Also each slice, worst first, and where a candidate lost most.")
@click.option("--flips", is_flag=True, help="Also the rows that a candidate fixed and broke.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "html", "markdown"]),
    default="table",
    show_default=True,
    help="A table to read, JSON for a program; a decision memo as HTML, or as Markdown for a pull request.",
)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of a memo."
)
@pass_session
def compare(
    session: Session,
    *,
    model: str,
    versions: tuple[int, ...] | None,
    baseline: Baseline,
    threshold: float,
    again: bool,
    differs: bool,
    slices: bool,
    flips: bool,
    form: str,
    language: str,
) -> int:
    """Compare versions of a registered MODEL on its test split; score what is not scored yet.

    Exit status 3 where the baseline or a version named in --versions cannot be scored.
    """
    from commands.comparison_table import print_comparison  # noqa: PLC0415  brings numpy and pandas
    from commands.judgement_table import print_judgement  # noqa: PLC0415  likewise
    from core.evidence.comparison import Status  # noqa: PLC0415  likewise
    from core.evidence.report import as_json  # noqa: PLC0415  likewise

    services = session.services
    asked = services.comparisons.compare(model, versions=versions, baseline=baseline, threshold=threshold)
    numbers = [compared.version.number for compared in asked.versions]
    for compared in asked.versions:
        if again and compared.state.status is Status.FAILED:
            services.scorer.request(compared.version, asked.split, again=True)
    _wait(services, asked)
    comparison = services.comparisons.compare(
        model, versions=numbers, baseline=asked.baseline, threshold=threshold, request=False
    )
    if asked.baseline is None:
        tell(f"{model} has no version in Production: nothing to compare with. Name one with --baseline.")
    if form in {"html", "markdown"}:
        _print_memo(services, comparison, form, language)
        return _status(comparison, {*(versions or ()), asked.baseline})
    judgement = services.comparisons.judge(comparison)
    more = _More(services, comparison, differs=differs, slices=slices, flips=flips)
    if form == "json":
        print_json({**as_json(comparison, judgement), **more.as_json()})
    else:
        print_comparison(comparison)
        print_judgement(comparison, judgement)
        more.print()
    return _status(comparison, {*(versions or ()), asked.baseline})


@dataclass(frozen=True, slots=True)
class _More:
    """What is said beyond the metrics where it is asked for."""

    services: "Services"
    comparison: "Comparison"
    _: KW_ONLY
    differs: bool
    slices: bool
    flips: bool

    def as_json(self) -> dict[str, object]:
        from commands import differing_table, row_table  # noqa: PLC0415  brings numpy and pandas

        found: dict[str, object] = {}
        if self.differs:
            lines = self.services.differing(self.comparison)
            found["differs"] = differing_table.differences_as_json(self.comparison, lines)
        if self.slices:
            found["slices"] = row_table.slices_as_json(row_table.read_slices(self._rows(), self.comparison))
        if self.flips:
            found["flips"] = row_table.flips_as_json(self.comparison, self._rows())
        return found

    def print(self) -> None:
        from commands import differing_table, row_table  # noqa: PLC0415  likewise

        if self.slices:
            row_table.print_slices(self.comparison, row_table.read_slices(self._rows(), self.comparison))
        if self.flips:
            alpha = self.services.settings.for_model(self.comparison.model).alpha
            row_table.print_flips(self.comparison, self._rows(), alpha)
        if self.differs:
            differing_table.print_differences(self.comparison, self.services.differing(self.comparison))

    def _rows(self) -> "RowEvidence":
        from core.evidence.row_evidence import RowEvidence  # noqa: PLC0415  likewise

        return RowEvidence(self.services.comparisons)


def _print_memo(services: "Services", comparison: "Comparison", form: str, language: str) -> None:
    from memo.composition import compose  # noqa: PLC0415  as above
    from memo.memo import gather  # noqa: PLC0415  likewise
    from memo.rendering import render  # noqa: PLC0415  likewise

    found = gather(services, comparison)
    with reading(language):
        click.echo(render(compose(found, form=form), form), nl=False)


def _wait(services: "Services", comparison: "Comparison") -> None:
    """Return when no version of the comparison is being scored any more, showing how far it is."""
    with tqdm(
        total=len(comparison.versions),
        desc="Scoring",
        unit="version",
        leave=False,
        disable=not sys.stderr.isatty(),
        delay=ASK_AGAIN_SECONDS,
    ) as bar:
        while under_way := services.comparisons.under_way(comparison):
            bar.n = len(comparison.versions) - len(under_way)
            bar.refresh()
            services.scorer.wait(under_way[0], comparison.split, ASK_AGAIN_SECONDS)


def _status(comparison: "Comparison", needed: set[int | None]) -> int:
    """Say which versions have no scores and why; 3 where one of them is needed."""
    missing = [compared for compared in comparison.versions if compared.evaluation is None]
    for compared in missing:
        why = compared.state.error or "its scoring was stopped."
        tell(f"Version {compared.version.number} could not be scored: {why}")
    return CANNOT_SCORE if any(compared.version.number in needed for compared in missing) else 0
