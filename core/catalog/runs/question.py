"""What is asked of the runs, and what comes back: values that page, command line and index share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import StoreError


class Kind(StrEnum):
    """Where a field of a run comes from; the value is MLflow's prefix in filters."""

    ATTRIBUTE = "attributes"
    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """A column of the runs, such as `metrics.roc_auc`."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        """The field in an address: kind, a dot, and the name as it is, dots and spaces included."""
        return f"{self.kind}.{self.name}"

    @classmethod
    def read(cls, text: str) -> "Field":
        """The field that `str` wrote; ValueError where there is no such kind or no name."""
        kind, _, name = text.partition(".")
        if not name:
            raise ValueError(text)
        return cls(Kind(kind), name)


ATTRIBUTES = (  # MLflow's names; `duration` is in seconds
    *("run_name", "status", "start_time", "end_time", "duration"),
    *("user_id", "run_id", "experiment_id", "artifact_uri"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a field; runs that lack it come last, whichever the direction, and so do NaN."""

    field: Field
    descending: bool = False


class Operator(StrEnum):
    """What a column filter asks."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    CONTAINS = "contains"  # whatever the case of letters
    STARTS = "starts"
    EMPTY = "empty"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Condition:
    """A column filter; a number for metrics, params that are numbers, times (ms), durations (s)."""

    field: Field
    operator: Operator
    value: str | float = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which runs, and in which order; newest first if not said."""

    experiments: tuple[str, ...]
    filter: str = ""
    conditions: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()


Value = (
    str | float | datetime | None
)  # None: the run lacks it; times are UTC; a metric may be NaN or infinite


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in a table: what every row needs, and the values of the fields that were asked for."""

    id: str
    name: str
    experiment: str
    status: str
    parent: str = ""  # the run that it is nested in
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRows:
    """The rows from `start` to `end` of those that match, and how many match."""

    rows: tuple[RunRow, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """A field of the runs at hand."""

    field: Field
    runs: int  # that have it
    is_number: bool  # every value of it is one: metrics, times, and params such as '0.1'
    is_constant: bool = False  # every run has it, and with the same value


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric over the runs of a group that have it as a number; None where there is none."""

    count: int
    mean: float | None
    least: float | None
    most: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Runs with the same value of a field; None: those that lack it."""

    value: Value
    runs: int
    spreads: tuple[Spread, ...]  # in the order of the fields that were asked for


@dataclass(frozen=True, slots=True)
class Columns:
    """Values of runs for pictures: a sequence for each field, in the order of `ids`."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    values: Mapping[Field, Sequence[Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """How far the index of some experiments is."""

    runs: int = 0  # that are in it
    is_filling: bool = False  # not every run has been read once
    is_refreshing: bool = False  # what is there is complete and being read again
    as_of: datetime | None = (
        None  # since when nothing has been asked of the store that it did not answer; None: never
    )
    revision: int = 0  # grows with each change that a reader would see
    trouble: StoreError | None = None  # why it does not go on; it tries again by itself
