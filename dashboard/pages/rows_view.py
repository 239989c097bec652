"""What the section "row by row" says and shows, from core values alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any, Final
from urllib.parse import quote

import plotly.graph_objects as go
from dash import html

from core.errors import RunoffError
from core.evidence.comparison import Comparison
from core.evidence.flips import COLUMN, Line, Order, Value, Which, columns
from core.evidence.row_evidence import RowPage
from core.evidence.slice_evidence import Sliced
from core.evidence.split import Split
from core.evidence.statistics.interval import Difference
from core.messages import Message
from core.yaml_file import scalar
from dashboard.choice import Choice
from dashboard.components import states
from dashboard.figures import slices
from dashboard.marks import Mark
from dashboard.messages import _, _n
from dashboard.theme import Scheme

CELLS: Final = ("tn", "fp", "fn", "tp")
_EXAMPLE: Final = 3  # columns
_NUMBERS: Final = (
    "metric", "baseline", "candidate", "difference", "low", "high", "p_value", "level", "small",
)  # fmt: skip
_CONFIGURED: Final = "runoff.yaml"
_NUMBER: Final = {"type": "rightAligned", "valueFormatter": {"function": "runoffMetric(params.value)"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicesView:
    """The card of slices: a figure, or what is to be done to have one."""

    figure: go.Figure | None = None
    height: int = 0
    note: str = ""
    state: Any = None


def candidates(comparison: Comparison) -> Sequence[int]:
    """The versions whose rows can be looked at: scored candidates, or the baseline where there is none."""
    scored = [one.version.number for one in comparison.versions if one.evaluation is not None]
    return [number for number in scored if number != comparison.baseline] or scored


def is_paired(comparison: Comparison, candidate: int) -> bool:
    """Whether there is a scored baseline that the candidate is compared with."""
    base = comparison.baseline
    return base not in (None, candidate) and comparison.find(base or 0).evaluation is not None


def which_options(comparison: Comparison, candidate: int) -> Sequence[Mapping[str, str]]:
    """The kinds of rows that can be asked for."""
    split = comparison.split
    found = {
        Which.FLIPPED: _("fixed and broken"),
        Which.FIXED: _("fixed"),
        Which.BROKEN: _("broken"),
        **{Which(cell): _cell(candidate, cell, split) for cell in CELLS},
    }
    if is_paired(comparison, candidate):
        base = comparison.baseline or 0
        found |= {Which(f"baseline_{cell}"): _cell(base, cell, split) for cell in CELLS}
    return [{"label": label, "value": which.value} for which, label in found.items()]


def slices_view(sliced: Sliced | None, sentence: Message | None, mark: Mark, scheme: Scheme) -> SlicesView:
    """The figure of a candidate; None: there is nothing to compare it with."""
    if sliced is None or sentence is None:
        return SlicesView(state=states.empty(_("Choose a baseline and a candidate to see slices.")))
    return SlicesView(
        figure=slices.figure(sliced, mark, scheme), height=slices.height(sliced), note=_(sentence)
    )


def without_slices(comparison: Comparison) -> SlicesView:
    """No columns are configured: the lines that would change that."""
    lines = slices_example(comparison.model, columns(comparison.split))
    said = _("Add the columns that matter to {file}, for example:", file=_CONFIGURED)
    return SlicesView(
        state=states.empty(
            _("No columns are configured by which rows are put into slices."),
            html.P(said),
            states.command(lines),
        )
    )


def failed_slices(error: RunoffError) -> SlicesView:
    """A column is wrong."""
    return SlicesView(state=states.failed(error))


def slices_example(model: str, names: Sequence[str]) -> str:
    """The lines of YAML that give a model's split slices."""
    listed = ", ".join(scalar(name) for name in names[:_EXAMPLE]) or "Column"
    return f"models:\n  {scalar(model)}:\n    split:\n      slices: [{listed}]\n"


def grid_columns(comparison: Comparison, candidate: int) -> Sequence[Mapping[str, Any]]:
    """Columns of the table: the row's name, what became of it, label and scores, then what describes it."""
    split = comparison.split
    name = {"field": "row", "headerName": split.id or _("Row"), "width": 120, "initialPinned": "left"}
    outcome = {"field": "outcome", "headerName": _("Outcome"), "width": 110, "sortable": False}
    label = {"field": "label", "headerName": split.target, "width": 110}
    before = _score_column("baseline", _("Score of v{number}", number=comparison.baseline))
    after = _score_column("candidate", _("Score of v{number}", number=candidate))
    change = {**_score_column("change", _("Change")), "sortingOrder": ["desc", "asc", None]}
    features = [_feature_column(at, name, split) for at, name in enumerate(columns(split))]
    pinned = {**name, "context": {"pinFrom": 640}}
    if not is_paired(comparison, candidate):
        return [pinned, label, after, *features]
    return [pinned, outcome, label, before, after, change, *features]


def pair(comparison: Comparison, choice: Choice, candidate: int) -> Mapping[str, Any]:
    """What the browser keeps of a pair: how to ask for it again, and where its files are."""
    versions = list(choice.versions or ())
    listed = ",".join(map(str, versions)) or ","
    model = quote(comparison.model, safe="")
    return {
        "base": comparison.baseline,
        "baseline": choice.baseline,
        "versions": versions,
        "threshold": choice.threshold,
        "mode": str(choice.mode),
        "target": choice.target,
        "candidate": candidate,
        "files": f"/models/{model}/rows/{choice.baseline}/{listed}/{choice.tail}/{candidate}",
    }


def kind(which: object) -> Which:
    """The kind of rows that a control holds; changed ones where it holds nothing usable."""
    return next((known for known in Which if known == which), Which.FLIPPED)


def asked(request: Mapping[str, Any], split: Split) -> tuple[int, int, Order]:
    """Which rows the table asks for, and in what order."""
    start, end = (at if isinstance(at := request.get(name), int) else 0 for name in ("startRow", "endRow"))
    model = request.get("sortModel")
    first = model[0] if isinstance(model, list) and model and isinstance(model[0], dict) else {}
    if not first:
        return start, end, Order()
    return (
        start,
        end,
        Order(by=_sort_key(first.get("colId"), split), is_descending=first.get("sort") == "desc"),
    )


def _sort_key(column: object, split: Split) -> str:
    """What core sorts by for a column of the table."""
    name = str(column)
    if not name.startswith("f"):
        return name
    at = int(name[1:]) if name[1:].isdecimal() else -1
    names = columns(split)
    return COLUMN + names[at] if 0 <= at < len(names) else name


def grid_rows(page: RowPage, split: Split, *, start: int) -> Mapping[str, Any]:
    """The answer to the table's request."""
    rows = [_row(line, split, start + at) for at, line in enumerate(page.lines)]
    return {"rowData": rows, "rowCount": page.rows}


def slices_csv(sliced: Sliced) -> str:
    """The numbers of the slices; what does not exist is empty."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(["column", "value", "rows", "positives", *_NUMBERS])
    for one in sliced.slices:
        found = one.difference
        numbers = (
            (found.value, found.interval.low, found.interval.high, found.p_value)
            if isinstance(found, Difference)
            else ("",) * 4
        )
        facts = (one.slice.column, str(one.slice.label), one.slice.rows, one.slice.positives)
        values = (sliced.metric.name, one.baseline, one.candidate)
        write([*facts, *values, *numbers, sliced.level, int(one.is_small)])
    return text.getvalue()


def count(rows: int) -> str:
    """How many rows match."""
    return _n("{count} row", "{count} rows", rows)


def _cell(number: int, cell: str, split: Split) -> str:
    actual, predicted = (
        split.positive if is_positive else split.negative
        for is_positive in (cell in {"tp", "fn"}, cell in {"tp", "fp"})
    )
    return _(
        "v{number}: actual {actual}, predicted {predicted}", number=number, actual=actual, predicted=predicted
    )


def _score_column(field: str, title: str) -> Mapping[str, Any]:
    return {"field": field, "headerName": title, "width": 124, **_NUMBER}


def _feature_column(at: int, name: str, split: Split) -> Mapping[str, Any]:
    is_number = split.frame[name].dtype.kind in "fiu" and name not in split.raw_values
    column = {"field": f"f{at}", "headerName": name, "width": 120}
    if not is_number:
        return column
    return {**column, **_NUMBER}


def _row(line: Line, split: Split, place: int) -> Mapping[str, Any]:
    outcomes = {Which.FIXED: "▲ " + _("fixed"), Which.BROKEN: "▼ " + _("broken")}
    return {
        "place": str(place),
        "row": line.row,
        "outcome": "" if line.outcome is None else outcomes[line.outcome],
        "label": str(split.positive if line.label else split.negative),
        "baseline": line.baseline,
        "candidate": line.candidate,
        "change": line.candidate - line.baseline,
        **{f"f{at}": _sent(value) for at, value in enumerate(line.features)},
    }


def _sent(value: Value) -> Value:
    """JSON knows no infinity; assets/grid.js writes the word as a sign."""
    return str(value).replace("inf", "Infinity") if isinstance(value, float) and isinf(value) else value
