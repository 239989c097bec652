"""Columns of the runs: which are worth their room when nobody chose, and how each is shown."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from core.catalog.runs.question import Field, FieldFacts, Kind
from core.messages import Message, message
from dashboard.messages import _
from dashboard.runs_choice import RunsChoice

NAME: Final = Field(Kind.ATTRIBUTE, "run_name")  # the first column, always there
EXPERIMENT: Final = Field(Kind.ATTRIBUTE, "experiment_id")
COMMIT: Final = Field(Kind.TAG, "mlflow.source.git.commit")
MOST_METRICS: Final = 12  # that are columns when nobody chose
MOST_PARAMS: Final = 12
_USUAL: Final = tuple(Field(Kind.ATTRIBUTE, name) for name in ("status", "start_time", "duration", "user_id"))
_TITLES: Final[Mapping[str, Message]] = {
    "attributes.run_name": message("Name"),
    "attributes.status": message("Status"),
    "attributes.start_time": message("Started"),
    "attributes.end_time": message("Ended"),
    "attributes.duration": message("Duration"),
    "attributes.user_id": message("User"),
    "attributes.run_id": message("Run ID"),
    "attributes.experiment_id": message("Experiment"),
    "attributes.artifact_uri": message("Artifact folder"),
    "tags.mlflow.source.git.commit": message("Git commit"),
    "tags.mlflow.source.name": message("Source"),
    "tags.mlflow.note.content": message("Description"),
    "tags.mlflow.parentRunId": message("Parent run"),
}
_MOMENTS: Final = ("start_time", "end_time")
_WIDTHS: Final = {"status": 104, "start_time": 178, "end_time": 178, "duration": 124, "user_id": 130}
_TEXT_FILTER: Final = {
    "filter": "agTextColumnFilter",
    "filterParams": {
        "filterOptions": ["contains", "equals", "notEqual", "startsWith", "blank", "notBlank"],
        "maxNumConditions": 1,
        "buttons": ["reset"],
        "debounceMs": 300,
    },
}
_NUMBER_FILTER: Final = {
    "filter": "agNumberColumnFilter",
    "filterParams": {
        "filterOptions": [
            *("greaterThanOrEqual", "greaterThan", "lessThanOrEqual", "lessThan"),
            *("equals", "notEqual", "inRange", "blank", "notBlank"),
        ],
        "maxNumConditions": 1,
        "buttons": ["reset"],
        "debounceMs": 300,
    },
}
_MOMENT_FILTER: Final = {
    "filter": "agDateColumnFilter",
    "filterParams": {
        "filterOptions": ["greaterThan", "lessThan", "equals", "inRange"],
        "maxNumConditions": 1,
        "buttons": ["reset"],
        "debounceMs": 300,
        "inRangeInclusive": True,
    },
}


def title(field: Field) -> str:
    """The head of a field's column: its name, or a word in the reader's language."""
    known = _TITLES.get(str(field))
    return field.name if known is None else _(known)


def kind_title(kind: Kind) -> str:
    """Where a field comes from, in the reader's language."""
    words = {
        Kind.ATTRIBUTE: _("Attributes"),
        Kind.METRIC: _("Metrics"),
        Kind.PARAM: _("Parameters"),
        Kind.TAG: _("Tags"),
    }
    return words[kind]


def usual(facts: Sequence[FieldFacts], *, experiments: int) -> tuple[Field, ...]:
    """The columns when nobody chose: what every run has, then the most used of what tells runs apart."""
    varied = [one.field for one in facts if not one.is_constant]
    metrics = [field for field in varied if field.kind == Kind.METRIC][:MOST_METRICS]
    params = [field for field in varied if field.kind == Kind.PARAM][:MOST_PARAMS]
    commit = [one.field for one in facts if one.field == COMMIT]
    several = [EXPERIMENT] if experiments > 1 else []
    return (*several, *_USUAL, *commit, *metrics, *params)


def grown(
    before: Sequence[Field], facts: Sequence[FieldFacts], *, experiments: int, is_filling: bool
) -> tuple[Field, ...]:
    """The usual columns while the index fills: what the reader has seen stays where it is."""
    now = usual(facts, experiments=experiments)
    if not before or not is_filling:
        return now
    room = {Kind.METRIC: MOST_METRICS, Kind.PARAM: MOST_PARAMS}
    kept = list(before)
    for field in now:
        count = sum(one.kind == field.kind for one in kept)
        if field not in kept and count < room.get(field.kind, len(now)):
            last = max((at for at, one in enumerate(kept) if one.kind == field.kind), default=len(kept) - 1)
            kept.insert(last + 1, field)
    return tuple(kept)


def needed_too(fields: Sequence[Field], choice: RunsChoice) -> tuple[Field, ...]:
    """Columns, and those by which the table is sorted, filtered or pinned, at the end."""
    return tuple(field for field in dict.fromkeys((*fields, *choice.needed, *choice.pinned)) if field != NAME)


def columns(
    fields: Sequence[Field], facts: Iterable[FieldFacts], pinned: Sequence[Field]
) -> Sequence[Mapping[str, Any]]:
    """AG Grid's columns: the name first, then neighbours of one kind under a common head.

    A column's id is the field as text, and so is the key under which a row has its value.
    """
    numbers = {one.field for one in facts if one.is_number}
    shown = [field for field in fields if field != NAME]
    first = [field for field in pinned if field in shown]
    ordered = [*first, *(field for field in shown if field not in first)]
    groups = groupby(ordered, key=lambda field: (field.kind, field in first))
    return [
        {"headerName": _("Run"), "children": [_name_column()]},
        *(
            {
                "headerName": kind_title(kind),
                "headerClass": f"runs-kind runs-kind-{kind}",
                "children": [_column(field, is_pinned=held, is_number=field in numbers) for field in members],
            }
            for (kind, held), members in groups
        ),
    ]


def is_filtered_in_grid(field: Field) -> bool:
    """Whether the column has a filter of its own; statuses and ids are asked for elsewhere."""
    return field.kind != Kind.ATTRIBUTE or field.name not in {"status", "experiment_id"}


def is_moment(field: Field) -> bool:
    """Whether the values are times."""
    return field.kind == Kind.ATTRIBUTE and field.name in _MOMENTS


def _name_column() -> Mapping[str, Any]:
    """In a group of its own: AG Grid's head of pinned columns is a row without cells otherwise."""
    return {
        **_base(NAME),
        "cellRenderer": "RunoffLink",
        "cellClassRules": {"run-nested": "params.data && params.data.parent"},
        "width": 210,
        "initialPinned": "left",
        "context": {"pinFrom": 640},
        "lockPosition": "left",
        "suppressMovable": True,
        **_TEXT_FILTER,
    }


def _column(field: Field, *, is_pinned: bool, is_number: bool) -> Mapping[str, Any]:
    pinned = {"context": {"pinFrom": 640}, "pinned": "left"} if is_pinned else {"pinned": None}
    return {**_base(field), **_kind_of_column(field, is_number=is_number), **pinned}


def _base(field: Field) -> Mapping[str, Any]:
    name = str(field)
    head = title(field)
    return {"field": name, "colId": name, "headerName": head, "headerTooltip": head, "width": _width(head)}


def _width(head: str) -> int:
    """Room for a head with its marks of sorting and filter, within limits."""
    return min(max(118, 62 + sum(8 if character.isascii() else 14 for character in head)), 230)


def _kind_of_column(field: Field, *, is_number: bool) -> Mapping[str, Any]:
    if is_moment(field):
        return {**_shown("runoffMoment"), **_MOMENT_FILTER, "width": 178, **_DOWN}
    if field.kind == Kind.ATTRIBUTE and field.name == "duration":
        return {**_shown("runoffDuration"), **_NUMBER_FILTER, "width": 124, "type": "rightAligned", **_DOWN}
    if field.kind == Kind.METRIC:
        return {**_shown("runoffMetric"), **_NUMBER_FILTER, "type": "rightAligned", **_DOWN}
    if field.kind == Kind.PARAM and is_number:
        return {**_NUMBER_FILTER, "type": "rightAligned"}
    if field == EXPERIMENT:
        return {**_shown("runoffExperiment"), "width": 170}
    look = {"cellClass": "mono"} if field == COMMIT or field.name == "run_id" else {}
    width = {"width": _WIDTHS[field.name]} if field.kind == Kind.ATTRIBUTE and field.name in _WIDTHS else {}
    own = _TEXT_FILTER if is_filtered_in_grid(field) else {}
    return {"tooltipField": str(field), **look, **width, **own}


_DOWN: Final = {"sortingOrder": ["desc", "asc", None]}


def _shown(function: str) -> Mapping[str, Any]:
    return {"valueFormatter": {"function": f"{function}(params.value)"}}
