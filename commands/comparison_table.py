"""A comparison as a table for the terminal: a row for each metric, a column for each version."""

import shutil
import sys
from collections.abc import Iterator, Sequence

import click

from commands.output import print_table
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.metrics import METRICS, Metric

CELLS = ("tn", "fp", "fn", "tp")
LABEL_WIDTH = 22
COLUMN_WIDTH = 21


def print_comparison(comparison: Comparison) -> None:
    """The split, the numbers with their differences to the baseline, and what `*` and `n/a` mean."""
    split = comparison.split
    click.echo(
        f"{comparison.model} on {split.source}: {split.rows} rows, {split.positives} positive, "
        f"threshold {comparison.threshold:g}, {split.fingerprint[:15]}…"
    )
    scored = [compared for compared in comparison.versions if compared.evaluation is not None]
    best = {metric.name: _best(metric, scored) for metric in METRICS}
    for block in _blocks(comparison, scored):
        click.echo()
        print_table(
            ["", *(_title(comparison, compared) for compared in block)],
            [
                *(
                    [str(metric.title), *(_metric(comparison, one, metric, best) for one in block)]
                    for metric in METRICS
                ),
                *([cell, *(_cell(comparison, one, cell) for one in block)] for cell in CELLS),
            ],
            right=[_title(comparison, compared) for compared in block],
        )
    if scored:
        click.echo()
        click.echo("* best; signed: difference to the baseline")
    for line in dict.fromkeys(_reasons(scored)):
        click.echo(line)


def _blocks(comparison: Comparison, scored: Sequence[ComparedVersion]) -> Iterator[list[ComparedVersion]]:
    """As many versions side by side as the terminal is wide, the baseline in every block."""
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    fit = max((room - LABEL_WIDTH) // COLUMN_WIDTH, 2)
    first = [compared for compared in scored if compared.version.number == comparison.baseline]
    rest = [compared for compared in scored if compared.version.number != comparison.baseline]
    step = fit - len(first)
    if first and not rest:
        yield first
    for start in range(0, len(rest), step):
        yield [*first, *rest[start : start + step]]


def _title(comparison: Comparison, compared: ComparedVersion) -> str:
    number = compared.version.number
    return f"v{number} baseline" if number == comparison.baseline else f"v{number}"


def _best(metric: Metric, scored: Sequence[ComparedVersion]) -> float | None:
    """The best value there is, where there are at least two that differ."""
    values = {value for compared in scored if (value := _value(compared, metric)) is not None}
    if len(values) < 2:  # noqa: PLR2004  one value is not better than another
        return None
    return max(values) if metric.greater_is_better else min(values)


def _value(compared: ComparedVersion, metric: Metric) -> float | None:
    return compared.metrics[metric.name].value if compared.metrics else None


def _metric(
    comparison: Comparison, compared: ComparedVersion, metric: Metric, best: dict[str, float | None]
) -> str:
    """`0.8649* +0.1244`: the value, whether it is the best, the difference."""
    value = _value(compared, metric)
    delta = comparison.delta(compared.version.number, metric.name)
    mark = "*" if value is not None and value == best[metric.name] else " "
    shown = "n/a" if value is None else f"{value:.4f}"
    change = "" if delta is None else f"{delta:+.4f}"
    return _beside(comparison, compared, f"{shown}{mark}", change)


def _cell(comparison: Comparison, compared: ComparedVersion, cell: str) -> str:
    """Rows in one cell of the confusion matrix, and the change."""
    change = comparison.confusion_change(compared.version.number)
    shown = "" if change is None else f"{getattr(change, cell):+d}"
    return _beside(comparison, compared, f"{getattr(compared.confusion, cell)} ", shown)


def _beside(comparison: Comparison, compared: ComparedVersion, value: str, change: str) -> str:
    """The baseline differs from itself by nothing, so its column has no room for it."""
    return value if compared.version.number == comparison.baseline else f"{value} {change:>7}"


def _reasons(scored: Sequence[ComparedVersion]) -> Iterator[str]:
    """Why a version has no value, and what else is to be known about its scores."""
    for compared in scored:
        number = compared.version.number
        for metric in METRICS:
            value = compared.metrics[metric.name] if compared.metrics else None
            if value is not None and value.reason is not None:
                yield f"v{number} {metric.title} n/a: {value.reason}"
        for note in compared.evaluation.notes if compared.evaluation else ():
            yield f"v{number}: {note}"
