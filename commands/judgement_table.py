"""How sure a comparison is, for the terminal: intervals, and a verdict on each candidate in a sentence."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence

import click

from commands.output import print_table
from core.evidence.comparison import Comparison
from core.evidence.judgement import Judged, Judgement
from core.evidence.metrics import METRICS
from core.evidence.sentences import (
    NO_VERDICT,
    VERDICTS,
    detectable_sentence,
    few_sentence,
    terms_sentence,
    verdict_sentence,
)
from core.evidence.statistics.interval import Difference, Interval, Unknown

LABEL_WIDTH = 22
VALUE_WIDTH = 19
DIFFERENCE_WIDTH = 32

Cell = Callable[[int, str], str]


def print_judgement(comparison: Comparison, judgement: Judgement) -> None:
    """Intervals of values and differences, then what they mean; nothing where no version is scored."""
    if not judgement.certainties:
        return

    def value(version: int, metric: str) -> str:
        return _interval(judgement.certainties[version].intervals[metric])

    def difference(version: int, metric: str) -> str:
        return _difference((judgement.certainties[version].differences or {})[metric])

    _print_block(f"interval {1 - judgement.alpha:.4g}", list(judgement.certainties), value, VALUE_WIDTH)
    _print_block(f"difference {judgement.level:.4g}", list(judgement.verdicts), difference, DIFFERENCE_WIDTH)
    click.echo()
    for line in _sentences(comparison, judgement):
        click.echo("\n".join(textwrap.wrap(line, _room(), break_long_words=False, break_on_hyphens=False)))


def _print_block(corner: str, versions: Sequence[int], cell: Cell, width: int) -> None:
    """As many versions side by side as the terminal is wide."""
    fit = max((min(_room(), 10_000) - LABEL_WIDTH) // width, 1)
    for start in range(0, len(versions), fit):
        block = versions[start : start + fit]
        heads = [f"v{number}" for number in block]
        rows = [[str(metric.title), *(cell(number, metric.name) for number in block)] for metric in METRICS]
        click.echo()
        print_table([corner, *heads], rows, right=heads)


def _interval(found: Interval | Unknown) -> str:
    return "n/a" if isinstance(found, Unknown) else f"{found.low:.4f} to {found.high:.4f}"


def _difference(found: Difference | Unknown) -> str:
    if isinstance(found, Unknown):
        return "n/a"
    return f"{found.value:+.4f} ({found.interval.low:+.4f} to {found.interval.high:+.4f})"


def _sentences(comparison: Comparison, judgement: Judgement) -> Iterator[str]:
    for number, judged in judgement.verdicts.items():
        verdict = VERDICTS[judged.verdict] if isinstance(judged, Judged) else NO_VERDICT
        yield f"v{number} {verdict}: {verdict_sentence(comparison, judgement, number)}"
    if judgement.verdicts:
        yield str(terms_sentence(comparison, judgement))
    if judgement.is_few:
        yield str(few_sentence(comparison))
    detectable = detectable_sentence(comparison, judgement)
    if detectable is not None:
        yield f"{detectable}."


def _room() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
