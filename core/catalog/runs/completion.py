"""What may stand at the cursor of a run filter, the likeliest first."""

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lark import Token, UnexpectedCharacters, UnexpectedToken

from core.catalog.runs.filter import PARSER, Filter
from core.catalog.runs.filter_mistakes import missing_name
from core.catalog.runs.filter_words import (
    DATASET_FACTS,
    STATUSES,
    DatasetField,
    Named,
    UnknownKindError,
    UnknownNameError,
    comparators,
    kind_called,
    named_by,
    spelled,
)
from core.catalog.runs.question import ATTRIBUTES, Field, FieldFacts, Kind
from core.errors import FilterError

MOST = 20  # options at once
_WORD = re.compile(r"[^\s\"'`()<>=!~,;]*")
_SIGNS = re.compile(r"[<>=!~]*")
_QUOTED = re.compile(r"\w*[\"'`]")
_PARTS = re.compile(r"[\W_]+")
_MARKS = "\"'`"
_STATUS = Field(Kind.ATTRIBUTE, "status")
_KINDS = ("metrics.", "params.", "tags.", "datasets.")


class Sort(StrEnum):
    """What an option is."""

    KIND = "kind"
    FIELD = "field"
    COMPARATOR = "comparator"
    VALUE = "value"
    JOINER = "joiner"


@dataclass(frozen=True, slots=True)
class Option:
    """A text that may stand at the cursor; `runs` have the field, None where that is not known."""

    text: str
    sort: Sort
    runs: int | None = None


@dataclass(frozen=True, slots=True)
class Completions:
    """The options, each to replace the text from `start` to `end`, which is the word at the cursor."""

    start: int
    end: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The word at the cursor as far as it has been typed, and the tokens before it."""

    before: tuple[Token, ...]
    typed: str
    start: int
    end: int


def complete(text: str, cursor: int, fields: Sequence[FieldFacts]) -> Completions:
    """What may stand at `cursor` (characters from 0), 20 options at most; none after a mistake."""
    at = _cursor(text, max(0, min(cursor, len(text))))
    parser = PARSER.parse_interactive()
    try:
        for token in at.before:
            parser.feed_token(token)
    except UnexpectedToken:
        return Completions(at.start, at.end, ())
    accepted = set(parser.accepts())  # type: ignore[no-untyped-call]  # lark says nothing of its type
    options = _options(at, accepted, fields)
    return Completions(at.start, at.end, tuple(options[:MOST]))


def unknown_names(read: Filter, fields: Sequence[FieldFacts]) -> tuple[FilterError, ...]:
    """The metrics, params and tags of a filter that no run at hand has: no mistake, but perhaps a slip.

    To be shown, not raised: such a filter is right, and its conditions find no run.
    """
    known = {facts.field for facts in fields}
    return tuple(
        missing_name(one.field, known, start=one.start, end=one.end)
        for one in read.comparisons
        if isinstance(one.field, Field) and one.field.kind is not Kind.ATTRIBUTE and one.field not in known
    )


def _cursor(text: str, cursor: int) -> _Cursor:
    tokens: list[Token] = []
    start, end = cursor, cursor
    try:
        tokens.extend(PARSER.lex(text[:cursor]))
    except UnexpectedCharacters as error:  # a quote that is opened and not closed before the cursor
        start = error.pos_in_stream or 0
        closed = _QUOTED.match(text, cursor)
        end = closed.end() if closed else cursor
        if tokens and tokens[-1].end_pos == start and tokens[-1].type == "NAME":
            start = tokens.pop().start_pos or 0
    else:
        if tokens and tokens[-1].end_pos == cursor and _may_grow(tokens[-1]):
            word = tokens.pop()
            start = word.start_pos or 0
            rest = (_SIGNS if word[0] in "<>=!~" else _WORD).match(text, cursor)
            end = rest.end() if rest else cursor
    while len(tokens) > 1 and tokens[-2].type in ("NAME", "STRING") and tokens[-1].upper() in ("IS", "NOT"):
        start = tokens.pop().start_pos or 0  # the beginning of IS NULL or NOT IN
    return _Cursor(tuple(tokens), text[start:cursor], start, end)


def _may_grow(token: Token) -> bool:
    """Whether what is typed next may belong to the token."""
    return token.type in ("NAME", "NUMBER") or token[0].isalpha() or token in ("<", ">", "!")


def _options(at: _Cursor, accepted: set[str], fields: Sequence[FieldFacts]) -> list[Option]:
    if "OPERATOR" in accepted:
        field = _field(at.before[-1])
        return _starting(at.typed, comparators(field), Sort.COMPARATOR) if field else []
    if "NUMBER" in accepted:
        return _values(at, _field(at.before[-2]))
    if "NAME" in accepted:
        return _names(at.typed, fields)
    if "STRING" in accepted:  # within IN (…)
        opened = max(place for place, token in enumerate(at.before) if token.type == "MEMBERSHIP")
        return _values(at, _field(at.before[opened - 1]))
    words = {"_AND": "AND", "_OR": "OR", "_LPAR": "(", "_COMMA": ",", "_RPAR": ")"}
    return _starting(at.typed, [word for kind, word in words.items() if kind in accepted], Sort.JOINER)


def _values(at: _Cursor, field: Named | None) -> list[Option]:
    if field != _STATUS:
        return []
    typed = at.typed.strip(_MARKS)
    return [option for option in _starting(typed, STATUSES, Sort.VALUE, quote='"') if option.text != at.typed]


def _starting(typed: str, words: Iterable[str], sort: Sort, quote: str = "") -> list[Option]:
    folded = " ".join(typed.upper().split())
    fit = [word for word in words if word.startswith(folded) and word != folded]
    return [Option(f"{quote}{word}{quote}", sort) for word in fit]


def _names(typed: str, fields: Sequence[FieldFacts]) -> list[Option]:
    """Kinds and fields that fit what has been typed, those that begin with it first."""
    before_dot, dot, after_dot = typed.partition(".")
    kind = kind_called(before_dot.strip(_MARKS)) if dot else None
    wanted = (after_dot if kind else typed).strip(_MARKS).casefold()
    ranked = [
        (rank, field.name.startswith("mlflow."), -(runs or 0), position, field, runs)
        for position, (field, runs) in enumerate(_offered(fields))
        if kind in (None, str(field).partition(".")[0]) and (rank := _rank(wanted, field.name)) is not None
    ]
    found = [Option(spelled(field), Sort.FIELD, runs) for *_, field, runs in heapq.nsmallest(MOST, ranked)]
    kinds = [] if kind else [Option(word, Sort.KIND) for word in _KINDS if word.startswith(wanted)]
    return [*kinds, *(option for option in found if option.text != typed)]


def _offered(fields: Sequence[FieldFacts]) -> list[tuple[Named, int | None]]:
    """Every attribute, the fields at hand, and what can be asked of datasets."""
    known: dict[Named, int | None] = {Field(Kind.ATTRIBUTE, name): None for name in ATTRIBUTES}
    known.update((facts.field, facts.runs) for facts in fields)
    known.update((DatasetField(name), None) for name in DATASET_FACTS)
    return list(known.items())


def _rank(wanted: str, name: str) -> int | None:
    """How well a name fits; None: not at all."""
    folded = name.casefold()
    if folded.startswith(wanted):
        return 0 if folded == wanted else 1
    if wanted not in folded:
        return None
    return 2 if any(part.startswith(wanted) for part in _PARTS.split(folded)) else 3


def _field(token: Token) -> Named | None:
    try:
        return named_by(token)
    except (UnknownKindError, UnknownNameError):
        return None
