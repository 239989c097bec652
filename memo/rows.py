"""What single rows say: slices, where a candidate lost most, changed decisions."""

from collections.abc import Iterator
from typing import Final

from core.errors import RunoffError
from core.evidence.amounts import Amounts, value
from core.evidence.comparison import Comparison
from core.evidence.row_sentences import finding_sentence, flips_sentence, slices_sentence
from core.evidence.slice_evidence import Sliced, SliceEvidence
from core.evidence.statistics.interval import Unknown
from looks.language import _, _n, translate
from looks.numbers import integer
from memo.document import Block, Cell, Paragraph, Section, Table, Text, Tone
from memo.memo import Memo

MOST_SLICES: Final = 20  # of a candidate; the worst come first


def slices(memo: Memo) -> Section:
    """Each candidate on each slice, worst first, then the part in which it lost most."""
    title = _("Slices")
    if not memo.findings:
        text = _("Choose a baseline and a candidate to see slices.")
        return Section(title=title, blocks=(Paragraph(text),))
    blocks: list[Block] = []
    terms = [slices_sentence(one) for one in memo.slices.values() if isinstance(one, Sliced)]
    if not memo.slices:
        blocks.append(Paragraph(_("No columns are configured by which rows are put into slices.")))
    for number, finding in memo.findings.items():
        if number in memo.slices:
            blocks += _sliced(memo.comparison, number, memo.slices[number])
        told = finding.read(translate) if isinstance(finding, RunoffError) else _(finding_sentence(finding))
        blocks.append(Paragraph(f"v{number}: {told}"))
    notes = [Paragraph(text, is_note=True) for text in dict.fromkeys(map(_, terms))]
    return Section(title=title, blocks=(*blocks, *notes))


def flips(memo: Memo) -> Section:
    """How many decisions changed for the better and for the worse, and whether chance explains it."""
    title = _("Changed decisions")
    found = {
        number: certainty.flips
        for number, certainty in memo.judgement.certainties.items()
        if certainty.flips is not None
    }
    if not found:
        return Section(title=title, blocks=(Paragraph(_("No candidate is paired with a baseline.")),))
    table = Table(
        caption=_("Rows whose decision changed against the baseline"),
        head=tuple(map(Cell.of, (_("Version"), _("fixed"), _("broken"), _("McNemar's test in words")))),
        rows=tuple(
            (
                Cell.of(f"v{number}", version=number),
                Cell((Text(integer(one.fixed), one.fixed),)),
                Cell((Text(integer(one.broken), one.broken),)),
                Cell.of(_(flips_sentence(one, memo.judgement.alpha))),
            )
            for number, one in found.items()
        ),
    )
    return Section(title=title, blocks=(table,))


def _sliced(comparison: Comparison, number: int, sliced: Sliced | RunoffError) -> Iterator[Block]:
    if isinstance(sliced, RunoffError):
        yield Paragraph(f"v{number}: {sliced.read(translate)}")
        return
    heads = (
        _("Slice"),
        _("Rows"),
        f"v{comparison.baseline}",
        f"v{number}",
        _("Difference"),
    )
    yield Table(
        caption=_("v{number} by slices: {metric}", number=number, metric=sliced.metric.title),
        head=tuple(map(Cell.of, heads)),
        rows=tuple(tuple(_slice(one, sliced)) for one in sliced.slices[:MOST_SLICES]),
        is_numeric=True,
    )
    left_out = len(sliced.slices) - MOST_SLICES
    if left_out > 0:
        yield Paragraph(_n("{count} more slice", "{count} more slices", left_out), is_note=True)


def _slice(one: SliceEvidence, sliced: Sliced) -> Iterator[Cell]:
    rows = one.slice.rows
    tone = Tone.PLAIN if one.is_clear else Tone.QUIET
    yield Cell.of(f"{one.slice.column} = {_(one.slice.label)}", tone=tone)
    yield Cell((Text(integer(rows), rows),))
    for found in (one.baseline, one.candidate):
        yield Cell((Text(_(value(found, rows)), found),))
    difference = one.difference
    if isinstance(difference, Unknown):
        yield Cell.of(_(difference.reason), tone=Tone.QUIET)
        return
    write = Amounts.of(sliced.metric, difference.interval)
    if one.is_clear:
        is_better = (difference.value > 0) == sliced.metric.greater_is_better
        tone = Tone.BETTER if is_better else Tone.WORSE
    sign = ("▲ " if difference.value > 0 else "▼ ") if one.is_clear else ""
    yield Cell(
        (
            Text(f"{sign}{_(write.signed(difference.value))}", difference.value, tone),
            Text(_(write.span(difference.interval))),
        )
    )
