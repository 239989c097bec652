"""What differs between the versions besides their scores; lines on which all agree are only counted."""

from collections.abc import Iterator, Sequence
from typing import Final

from core.evidence import differing_lines as lines
from core.evidence.comparison import ComparedVersion, Comparison
from looks.cells import written
from looks.language import _, _n, translate
from memo.document import Block, Cell, Paragraph, Section, Table, Text, Tone
from memo.measures import side_by_side, version_head
from memo.memo import Memo

MOST_LINES: Final = 30  # of a kind; the page has all
MOST_CHARACTERS: Final = 200  # of a value


def differing(memo: Memo) -> Section:
    """A table for each kind of facts that differ."""
    comparison, title = memo.comparison, _("What differs")
    if len(comparison.versions) < 2:  # noqa: PLR2004 - one version differs from nothing
        return Section(title=title, blocks=(Paragraph(_("There is one version alone.")),))
    blocks = [block for kind in memo.differing for block in _kind(comparison, kind)]
    nothing = Paragraph(_("Nothing is known in which these versions could differ."))
    return Section(title=title, blocks=tuple(blocks) or (nothing,))


def _kind(comparison: Comparison, kind: lines.Section) -> Iterator[Block]:
    title = _(kind.title)
    differing = [line for line in kind.lines if not line.is_same]
    for number, error in kind.unread.items():
        yield Paragraph(f"{title}, v{number}: {error.read(translate)}", is_note=True)
    if not differing:
        if kind.lines:
            yield Paragraph(f"{title}: {_('identical')}")
        return
    places = {one.version.number: place for place, one in enumerate(comparison.versions)}
    for block in side_by_side(comparison, comparison.versions):
        yield _table(comparison, title, block, [places[one.version.number] for one in block], differing)
    left_out = len(differing) - MOST_LINES
    if left_out > 0:
        yield Paragraph(_n("{count} more line", "{count} more lines", left_out), is_note=True)
    if kind.identical:
        told = _n("{count} identical line", "{count} identical lines", kind.identical)
        yield Paragraph(f"{title}: {told}", is_note=True)


def _table(
    comparison: Comparison,
    title: str,
    block: Sequence[ComparedVersion],
    places: Sequence[int],
    differing: Sequence[lines.Line],
) -> Table:
    names = ", ".join(f"v{one.version.number}" for one in block)
    return Table(
        caption=_("{title} of {versions}", title=title, versions=names),
        head=(Cell.of(_("Name")), *(version_head(comparison, one) for one in block)),
        rows=tuple(
            (Cell.of(_short(_name(line))), *(_cell(line, place) for place in places))
            for line in differing[:MOST_LINES]
        ),
    )


def _name(line: lines.Line) -> str:
    return line.key if line.title is None else _(line.title)


def _cell(line: lines.Line, place: int) -> Cell:
    cell = line.cells[place]
    if cell.is_unread:
        return Cell.of(_("could not be read"), tone=Tone.QUIET)
    texts = [Text("·", tone=Tone.QUIET) if cell.value is None else Text(_short(written(cell, line.unit)))]
    if cell.note is not None:
        texts.append(Text(_(cell.note)))
    return Cell(tuple(texts))


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
