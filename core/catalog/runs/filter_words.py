"""The words of the run filter: what can be named, how it can be compared, and how names are written."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.catalog.runs.question import ATTRIBUTES, Field, Kind


class Comparator(StrEnum):
    """How a condition compares; as MLflow writes it."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    LIKE = "LIKE"
    ILIKE = "ILIKE"
    IN = "IN"
    NOT_IN = "NOT IN"
    IS_NULL = "IS NULL"
    IS_NOT_NULL = "IS NOT NULL"


@dataclass(frozen=True, slots=True, order=True)
class DatasetField:
    """A fact of the data that a run was given: `name`, `digest` or `context`."""

    name: str

    def __str__(self) -> str:
        """As a filter names it."""
        return f"datasets.{self.name}"


Named = Field | DatasetField

NULLITIES = (Comparator.IS_NULL, Comparator.IS_NOT_NULL)
NUMERIC = (
    *(Comparator.EQUAL, Comparator.NOT_EQUAL, Comparator.GREATER),
    *(Comparator.AT_LEAST, Comparator.LESS, Comparator.AT_MOST, *NULLITIES),
)
TEXTUAL = (
    *(Comparator.EQUAL, Comparator.NOT_EQUAL, Comparator.LIKE, Comparator.ILIKE),
    *(Comparator.IN, Comparator.NOT_IN, *NULLITIES),
)
TIMES = (Field(Kind.ATTRIBUTE, "start_time"), Field(Kind.ATTRIBUTE, "end_time"))
NUMERIC_ATTRIBUTES = ("start_time", "end_time", "duration")
STATUSES = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
DATASET_FACTS = ("name", "digest", "context")

_KINDS = {
    **dict.fromkeys(("metrics", "metric"), Kind.METRIC),
    **dict.fromkeys(("params", "param", "parameter", "parameters"), Kind.PARAM),
    **dict.fromkeys(("tags", "tag"), Kind.TAG),
    **dict.fromkeys(("attributes", "attribute", "attr", "run"), Kind.ATTRIBUTE),
}
_DATASET_KINDS = ("datasets", "dataset")
KIND_WORDS = (*_KINDS, *_DATASET_KINDS)
_OTHER_NAMES = {  # that MLflow has for attributes
    **dict.fromkeys(("created", "Created"), "start_time"),
    **dict.fromkeys(("run name", "Run name", "Run Name"), "run_name"),
}
_QUOTES = "\"'`"
_PLAIN = re.compile(r"[^\W\d]\w*(\.\w+)*")
# Where MLflow's parser takes a part of a name for a word of SQL.
_SQL_WORDS = {
    "case",
    "in",
    "values",
    "using",
    "from",
    "as",
    "and",
    "or",
    "not",
    "is",
    "like",
    "ilike",
    "rlike",
}


class UnknownKindError(LookupError):
    """What stands before the dot is no kind of field."""


class UnknownNameError(LookupError):
    """There is no such attribute, no such fact of a dataset, or no name at all."""


def named(kind: str, name: str) -> Named:
    """The field that a filter means by `kind.name`.

    Raises:
        UnknownKindError, UnknownNameError: There is none.
    """
    if kind not in KIND_WORDS:
        raise UnknownKindError(kind)
    if not name or (kind in _DATASET_KINDS and name not in DATASET_FACTS):
        raise UnknownNameError(name)
    if kind in _DATASET_KINDS:
        return DatasetField(name)
    if _KINDS[kind] is not Kind.ATTRIBUTE:
        return Field(_KINDS[kind], name)
    attribute = _OTHER_NAMES.get(name, name)
    if attribute not in ATTRIBUTES:
        raise UnknownNameError(name)
    return Field(Kind.ATTRIBUTE, attribute)


def named_by(text: str) -> Named:
    """The field that a filter means by a name as it stands there, quotes included.

    Raises:
        UnknownKindError, UnknownNameError: There is none.
    """
    kind, dot, name = text.partition(".")
    if text[:1] in ("'", '"') or not dot:  # an attribute, such as "run name"
        kind, name = "attributes", str(text)  # not a token of a parser
    return named(unquoted(kind), unquoted(name))


def unquoted(text: str) -> str:
    """The text without the quotes around it."""
    if len(text) > 1 and text[0] in _QUOTES and text[0] == text[-1]:
        return text[1:-1]
    return text


def kind_called(word: str) -> str | None:
    """The kind that a filter means by a word before a dot, such as `metrics` by `metric`."""
    return "datasets" if word in _DATASET_KINDS else _KINDS.get(word)


def is_number(field: Named) -> bool:
    """Whether a filter compares the field with numbers."""
    if isinstance(field, DatasetField):
        return False
    return field.kind is Kind.METRIC or (field.kind is Kind.ATTRIBUTE and field.name in NUMERIC_ATTRIBUTES)


def comparators(field: Named) -> tuple[Comparator, ...]:
    """How the field can be compared."""
    return NUMERIC if is_number(field) else TEXTUAL


def spelled(field: Named) -> str:
    """The field as a filter writes it so that MLflow reads it too: an odd name stands in quotes."""
    if isinstance(field, DatasetField):
        return str(field)
    if field.kind is Kind.ATTRIBUTE:
        return field.name
    is_plain = _PLAIN.fullmatch(field.name) and _SQL_WORDS.isdisjoint(field.name.lower().split("."))
    return f"{field.kind}.{field.name if is_plain else in_quotes(field.name, '`')}"


def in_quotes(text: str, first: str = '"') -> str:
    """The text in quotes that do not occur in it; there is no escape, so some texts cannot be written."""
    mark = next((mark for mark in (first, '"', "'", "`") if mark not in text), first)
    return f"{mark}{text}{mark}"
