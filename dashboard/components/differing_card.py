"""What differs between the compared versions: the card, and what it says."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.decision.entry_report import safe_cell
from core.errors import RunoffError
from core.evidence.differing_lines import Section
from core.evidence.latency import Latency, Measurement
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.elements import Element, element
from dashboard.components.lines_table import head, identical, lines_table
from dashboard.marks import Mark
from dashboard.messages import _, _n
from dashboard.theme import Scheme
from looks.cells import written

SECONDS: Final = 0.7  # between two looks while times are measured
COLUMNS: Final = ("section", "key", "version", "value", "unit", "note", "identical")


class Ids(StrEnum):
    """Elements of the card; assets/differing.js knows CARD, LINES and SAME."""

    CARD = "differing"
    DATA = "differing-data"  # data: the table, which assets/differing.js draws into LINES
    LINES = "differing-lines"
    SAME = "differing-same"
    MEASURE = "differing-measure"
    TIMES = "differing-times"
    POLL = "differing-poll"
    CSV = "differing-csv"
    DOWNLOAD = "differing-download"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the card shows; `measure` empty: there is nothing to time, or all of it has been."""

    table: Element
    same: str = ""
    measure: str = ""
    is_busy: bool = False
    times: str = ""


def differing_card() -> Any:
    """The static part."""
    said = _("Download the numbers of “{title}” as CSV", title=_("What differs"))
    aside = [
        html.Button(id=Ids.SAME, type="button", className="toggle", hidden=True),
        html.Button(
            _("data"), id=Ids.CSV, type="button", className="quiet", title=said, **{"aria-label": said}
        ),
    ]
    lines = html.Div(
        id=Ids.LINES,
        className="scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": _("What differs")},
    )
    foot = [
        html.Button(id=Ids.MEASURE, type="button", className="action", hidden=True),
        html.Span(id=Ids.TIMES, className="card-note", role="status"),
    ]
    parts = [dcc.Store(id=Ids.DATA), dcc.Download(id=Ids.DOWNLOAD), states.poll(Ids.POLL, seconds=SECONDS)]
    body = [lines, html.Div(foot, className="differing-foot"), *parts]
    shown = card(_("What differs"), *body, note=_steps(), aside=aside, class_name="differing")
    return html.Div(shown, id=Ids.CARD, hidden=True)


def _steps() -> Any:
    """From difference to difference; the keys work while the card has the focus or the pointer."""
    named = (("p", _("previous difference"), "-1"), ("n", _("next difference"), "1"))
    return html.Span(
        [
            html.Button([html.Kbd(key), " ", text], type="button", className="quiet", **{"data-step": step})
            for key, text, step in named
        ],
        className="differing-steps",
    )


def build_view(
    sections: Sequence[Section],
    look: Mapping[int, Mark],
    *,
    scheme: Scheme,
    baseline: int | None,
    measured: Measurement | None,
) -> View:
    """A column for each version of `look`, the baseline first; `measured` None: nothing can be timed."""
    heads = [
        head(_swatch(mark, scheme), f"v{number}", _("baseline") if number == baseline else "")
        for number, mark in look.items()
    ]
    same = identical(sections) if len(look) > 1 else 0
    return View(
        table=lines_table(heads, sections, foldable=True),
        same=_n("Show {count} identical line", "Show {count} identical lines", same) if same else "",
        measure=_measure(measured, look),
        is_busy=measured is not None and measured.progress is not None,
        times="" if measured is None else _times(measured),
    )


def failed_view(error: RunoffError) -> View:
    """Not even the versions are known."""
    hint = _(error.hint) if error.hint.template else ""
    return View(table=element("p", f"{_(error.title)} {hint}", class_="note", role="alert"))


def rows(sections: Sequence[Section], numbers: Sequence[int]) -> str:
    """CSV of all lines, a row for each version that has one; numbers with all their digits."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *_rows(sections, numbers)])
    return text.getvalue()


def _rows(sections: Sequence[Section], numbers: Sequence[int]) -> Iterator[Sequence[object]]:
    for section in sections:
        for line in section.lines:
            for number, cell in zip(numbers, line.cells, strict=True):
                value = cell.value if isinstance(cell.value, int | float) else written(cell)
                if cell.value is not None:
                    note = "" if cell.note is None else _(cell.note)
                    texts = (section.name, line.key, number, value, line.unit.value, note)
                    yield (*map(safe_cell, texts), str(line.is_same).lower())


def _measure(measured: Measurement | None, look: Mapping[int, Mark]) -> str:
    if measured is None:
        return ""
    if not measured.latencies and not measured.failures:
        return _("Measure the time for 1,000 rows")
    return "" if set(look) <= set(measured.latencies) else _("Measure all side by side")


def _times(measured: Measurement) -> str:
    """How far it is, what the times are of, and why versions have none."""
    if measured.progress is not None:
        return _("Measuring: {done} of {total}", done=measured.progress.done, total=measured.progress.total)
    said = [_method(next(iter(measured.latencies.values())))] if measured.latencies else []
    for number, error in measured.failures.items():
        said.append(_("v{number} could not be timed: {why}", number=number, why=_(error.title)))
    return " ".join(said)


def _method(latency: Latency) -> str:
    return _n(
        "Time for 1,000 rows: median of {repeats}, one thread, side by side, {count} row of the test split.",
        "Time for 1,000 rows: median of {repeats}, one thread, side by side, {count} rows of the test split.",
        latency.rows,
        repeats=latency.repeats,
    )


def _swatch(mark: Mark, scheme: Scheme) -> Element:
    name = "swatch swatch-striped" if mark.lap else "swatch"
    return element("span", class_=name, style=f"--hue: {mark.color(scheme)}", aria_hidden="true")
