"""Versions or runs side by side: sections of lines, those that are identical told from those that differ.

The rows carry the classes `same` and `differs`; what hides the former is the stylesheet (`show-same`).
"""

from collections.abc import Callable, Sequence
from typing import Final

from core.evidence.differing_lines import Line, Section
from dashboard.components.elements import Element, element
from dashboard.messages import _, _n
from looks.cells import written

MOST_LINES: Final = 300  # identical or differing lines of a section that are shown; the data have all


def lines_table(heads: Sequence[Element], sections: Sequence[Section], *, foldable: bool = False) -> Element:
    """A column for each head; with one column nothing is compared, and no line is called identical.

    `foldable`: a section's title is a button that folds it (assets/differing.js).
    """
    fold = _fold if foldable else _title
    head = element("thead", element("tr", element("td"), *heads))
    bodies = [_section(section, len(heads), fold) for section in sections]
    return element("table", head, *bodies, class_="lines")


def head(swatch: Element, name: str, note: str = "") -> Element:
    """The head of a column."""
    said = element("span", f" {note}", class_="row-note") if note else None
    return element("th", swatch, name, said, scope="col")


def identical(sections: Sequence[Section]) -> int:
    """How many lines are."""
    return sum(section.identical for section in sections)


def _section(section: Section, columns: int, title: Callable[[Section], Element]) -> Element:
    rows = [
        element(
            "tr",
            element("th", title(section), colspan=str(columns + 1), scope="rowgroup"),
            class_="lines-title",
        )
    ]
    rows += [_told(f"v{number}: {_(error.title)}", columns) for number, error in section.unread.items()]
    is_compared = columns > 1
    differing = [line for line in section.lines if not line.is_same]
    same = [line for line in section.lines if line.is_same]
    if is_compared and same and not differing and title is _title:  # a fold says it itself
        rows.append(
            element("tr", element("td", _("identical"), colspan=str(columns + 1)), class_="lines-identical")
        )
    kept = {id(line) for line in (*differing[:MOST_LINES], *same[:MOST_LINES])}
    rows += [_line(line, is_compared=is_compared) for line in section.lines if id(line) in kept]
    left_out = len(section.lines) - len(kept)
    if left_out:
        rows.append(_told(_n("{count} more line", "{count} more lines", left_out), columns))
    return element("tbody", *rows, data_section=section.name)


def _title(section: Section) -> Element:
    return element("span", _(section.title))


def _fold(section: Section) -> Element:
    same = section.identical
    note = _n("{count} identical line", "{count} identical lines", same) if same else ""
    said = element("span", note, class_="row-note")
    return element("button", _(section.title), " ", said, type="button", class_="fold", aria_expanded="true")


def _told(text: str, columns: int) -> Element:
    return element("tr", element("td", text, colspan=str(columns + 1)), class_="lines-told")


def _line(line: Line, *, is_compared: bool) -> Element:
    key = _(line.title) if line.title is not None else line.key
    cells = [_cell(line, place) for place in range(len(line.cells))]
    name = "same" if line.is_same else "differs"
    focus: dict[str, str] = {"tabindex": "-1"} if is_compared and not line.is_same else {}
    return element("tr", element("th", key, scope="row"), *cells, class_=name, **focus)


def _cell(line: Line, place: int) -> Element:
    cell = line.cells[place]
    if cell.is_unread:
        return element("td", "?", class_="absent", title=_("could not be read"))
    note = element("span", _(cell.note), class_="line-note") if cell.note is not None else None
    if cell.value is None:
        return element("td", "·", note, class_="absent", title=_("nothing of the kind"))
    lone = element("span", _("only here"), class_="line-note") if line.lone == place else None
    return element("td", written(cell, line.unit), note, lone)
