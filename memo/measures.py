"""Metrics with intervals and differences, curves, confusion matrices."""

from collections.abc import Iterator, Sequence
from typing import Final

from core.evidence.amounts import Amounts, value
from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.curves import Confusion
from core.evidence.metrics import METRICS, Metric, MetricValue
from core.evidence.statistics.interval import Difference, Interval
from core.messages import message
from looks.language import _
from looks.numbers import MINUS, integer, percent
from memo.curves import drawings
from memo.document import Cell, Curves, Paragraph, Section, Table, Text, Tone
from memo.memo import Memo

SIDE_BY_SIDE: Final = 4  # versions in a table: what fits on a sheet of paper
SEPARATION: Final = Metric(name="ks", title=message("Kolmogorov-Smirnov"))
CELLS: Final = ("tn", "fp", "fn", "tp")


def metrics(memo: Memo) -> Section:
    """Each metric of each version, the one that decides first; below, interval and difference."""
    comparison = memo.comparison
    title, scored = _("Metrics"), scored_of(comparison)
    if not scored:
        return Section(title=title, blocks=(Paragraph(_("No version is scored yet.")),))
    shown = sorted((*METRICS, SEPARATION), key=lambda metric: metric.name != comparison.primary_metric)
    tables = [_table(memo, block, shown) for block in side_by_side(comparison, scored)]
    note = _(
        "Below each value its {level} interval; with a sign, the difference to the baseline and its "
        "interval ({each}). Grey: zero is inside. ↓: less is better.",
        level=f"{100 * (1 - memo.judgement.alpha):.4g}%",
        each=f"{100 * memo.judgement.level:.4g}%",
    )
    reasons = [Paragraph(text, is_note=True) for text in _reasons(scored)]
    return Section(title=title, blocks=(*tables, Paragraph(note, is_note=True), *reasons))


def curves(memo: Memo) -> Section:
    """The page's small multiples."""
    title = _("Curves")
    if not scored_of(memo.comparison):
        return Section(title=title, blocks=(Paragraph(_("No version is scored yet.")),))
    instead = _("Curves are drawn in the HTML form of this memo.")
    blocks = [Curves(drawings(memo.comparison), instead)]
    ranking = [
        one.version.number
        for one in scored_of(memo.comparison)
        if one.evaluation and one.evaluation.calibration is None
    ]
    notes = [
        Paragraph(_("v{number} has no calibration: its scores are no probabilities.", number=n), is_note=True)
        for n in ranking
    ]
    return Section(title=title, blocks=(*blocks, *notes))


def confusion(memo: Memo) -> Section:
    """The four cells of each version, with the change against the baseline and the share of the label."""
    comparison, split = memo.comparison, memo.comparison.split
    title, scored = _("Confusion"), scored_of(comparison)
    if not scored:
        return Section(title=title, blocks=(Paragraph(_("No version is scored yet.")),))
    labels = {True: str(split.positive), False: str(split.negative)}
    heads = [
        Cell.of(_("actual {actual}, predicted {predicted}", actual=labels[actual], predicted=labels[called]))
        for actual, called in ((False, False), (False, True), (True, False), (True, True))
    ]
    table = Table(
        caption=_("Rows by their actual label and the decision of each version"),
        head=(Cell.of(_("Version")), *heads),
        rows=tuple(tuple(_confusion(comparison, one)) for one in scored),
        is_numeric=True,
    )
    note = _("With a sign: change against the baseline. Shares are of the actual label.")
    return Section(title=title, blocks=(table, Paragraph(note, is_note=True)))


def scored_of(comparison: Comparison) -> list[ComparedVersion]:
    """The versions that have numbers, the baseline first."""
    return [one for one in comparison.versions if one.evaluation is not None]


def side_by_side(comparison: Comparison, shown: Sequence[ComparedVersion]) -> Iterator[list[ComparedVersion]]:
    """As many versions as fit beside each other, the baseline in every block."""
    first = [one for one in shown if one.version.number == comparison.baseline]
    rest = [one for one in shown if one.version.number != comparison.baseline]
    step = SIDE_BY_SIDE - len(first)
    for start in range(0, max(len(rest), 1), step):
        yield [*first, *rest[start : start + step]]


def version_head(comparison: Comparison, one: ComparedVersion) -> Cell:
    """The head of a version's column."""
    number = one.version.number
    lines = [Text(f"v{number}")]
    if number == comparison.baseline:
        lines.append(Text(_("baseline")))
    return Cell(tuple(lines), version=number)


def _table(memo: Memo, block: Sequence[ComparedVersion], shown: Sequence[Metric]) -> Table:
    names = ", ".join(f"v{one.version.number}" for one in block)
    return Table(
        caption=_("Metrics of {versions}", versions=names),
        head=(Cell.of(_("metric")), *(version_head(memo.comparison, one) for one in block)),
        rows=tuple(
            (_metric_head(metric), *(_metric(memo, one, metric) for one in block)) for metric in shown
        ),
        is_numeric=True,
    )


def _metric_head(metric: Metric) -> Cell:
    title = _(metric.title)
    return Cell.of(title if metric.greater_is_better else f"{title} ↓")


def _value(one: ComparedVersion, metric: Metric) -> MetricValue:
    assert one.evaluation is not None
    assert one.metrics is not None
    return one.evaluation.ks if metric is SEPARATION else one.metrics[metric.name]


def _metric(memo: Memo, one: ComparedVersion, metric: Metric) -> Cell:
    rows = memo.comparison.split.rows
    found = _value(one, metric).value
    certainty = memo.judgement.certainties[one.version.number]
    lines = [Text(_(value(found, rows)), found)]
    interval = certainty.intervals[metric.name]
    if isinstance(interval, Interval):
        low, high = value(interval.low, rows), value(interval.high, rows)
        lines.append(Text(_("{low} to {high}", low=low, high=high)))
    difference = (certainty.differences or {}).get(metric.name)
    if isinstance(difference, Difference):
        lines += _difference(metric, difference)
    return Cell(tuple(lines))


def _difference(metric: Metric, difference: Difference) -> Iterator[Text]:
    write, interval = Amounts.of(metric, difference.interval), difference.interval
    is_seen = not interval.low <= 0 <= interval.high
    is_better = (difference.value > 0) == metric.greater_is_better
    tone = (Tone.BETTER if is_better else Tone.WORSE) if is_seen else Tone.QUIET
    sign = ("▲ " if difference.value > 0 else "▼ ") if is_seen else ""
    yield Text(f"{sign}{_(write.signed(difference.value))}", difference.value, tone)
    yield Text(_("{low} to {high}", low=_signed(write, interval.low), high=write.signed(interval.high)))


def _signed(write: Amounts, end: float) -> str:
    return write.sign(end) + write.number(abs(end))


def _reasons(scored: Sequence[ComparedVersion]) -> Iterator[str]:
    """Why a version has no value of a metric."""
    for one in scored:
        for metric in (*METRICS, SEPARATION):
            found = _value(one, metric)
            if found.reason is not None:
                yield f"v{one.version.number}, {_(metric.title)}: {_(found.reason)}"


def _confusion(comparison: Comparison, one: ComparedVersion) -> Iterator[Cell]:
    number, cells = one.version.number, one.confusion
    assert cells is not None
    yield Cell.of(f"v{number}", version=number)
    change = comparison.confusion_change(number) if number != comparison.baseline else None
    for name in CELLS:
        lines = [Text(integer(getattr(cells, name)), getattr(cells, name))]
        if change is not None:
            lines.append(Text(_count(getattr(change, name))))
        lines.append(Text(_share(cells, name)))
        yield Cell(tuple(lines))


def _count(change: int) -> str:
    if not change:
        return "±0"
    return f"{'+' if change > 0 else MINUS}{integer(abs(change))}"


def _share(cells: Confusion, name: str) -> str:
    of_label = cells.tn + cells.fp if name in {"tn", "fp"} else cells.fn + cells.tp
    return percent(getattr(cells, name) / of_label) if of_label else _("n/a")
