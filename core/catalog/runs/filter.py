"""The filter of runs: MLflow's search syntax, with OR and parentheses, read into a tree.

What MLflow understands means the same here (mlflow/utils/search_utils.py of 3.17 is the reference): names
with a prefix, in backticks or quotes where they are not plain; texts in quotes, taken as they stand;
numbers for metrics and times. Beyond MLflow: OR, parentheses, IN for every text, IS NULL for every field,
names such as val/loss without backticks, times as text ("2026-11-21", "2026-11-21 19:30+09:00"; UTC if not
said), and the attributes `duration` (seconds) and `experiment_id`.
Stricter than MLflow: conditions are joined by one AND, where MLflow overlooks a missing or doubled one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lark import Lark, Token, Tree, UnexpectedInput

from core.catalog.runs import filter_mistakes as mistakes
from core.catalog.runs.filter_misplaced import misplaced, odd_character
from core.catalog.runs.filter_words import (
    TIMES,
    Comparator,
    Named,
    UnknownKindError,
    UnknownNameError,
    comparators,
    is_number,
    named_by,
)
from core.catalog.runs.question import FieldFacts

LONGEST = 20_000  # characters of a filter
DEEPEST = 50  # parentheses in parentheses
MOST = 100  # conditions of a filter
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character: no database takes it
_EXACT_DIGITS = 18  # of a whole number that fits 64 bits

# A name ends where whitespace, a quote, a parenthesis, a comparison or a comma begins. Quotes are as sqlparse
# knows them, which is MLflow's parser.
_GRAMMAR = r"""
start: [either]
either: both (_OR both)*
both: _atom (_AND _atom)*
_atom: comparison | nested
nested: _LPAR either _RPAR
comparison: _name OPERATOR _value -> compared
    | _name MEMBERSHIP _LPAR STRING (_COMMA STRING)* _COMMA? _RPAR -> listed
    | _name NULLITY -> nullity
_name: NAME | STRING
_value: NUMBER | STRING | NAME

_AND.3: /AND(?![\w.])/i
_OR.3: /OR(?![\w.])/i
NULLITY.3: /IS\s+(NOT\s+)?NULL(?![\w.])/i
MEMBERSHIP.3: /(NOT\s+)?IN(?![\w.])/i
OPERATOR.3: /[<>=!~]+|(NOT\s+)?(LIKE|ILIKE|RLIKE|REGEXP|BETWEEN|CONTAINS)(?![\w.])/i
NUMBER.2: /[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(?![^\s"'`()<>=!~,;])/i
STRING.2: /"(""|[\\]"|[^"])*"|'(''|[\\]'|[^'])*'/
NAME.1: (TICKED | PLAIN) ("." (TICKED | STRING | ANY)?)? | ANY
TICKED: /`(``|[^`])*`/
PLAIN: /[^\s"'`()<>=!~,;.]+/
ANY: /[^\s"'`()<>=!~,;]+/
_LPAR: "("
_RPAR: ")"
_COMMA: ","
%ignore /\s+/
"""
PARSER = Lark(_GRAMMAR, parser="lalr", lexer="basic", propagate_positions=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition; it stands at `start` to `end` in the text.

    The value is a number for metrics, times (ms since 1970) and durations (s), a tuple for IN, None for
    IS NULL, otherwise a text.
    """

    field: Named
    operator: Comparator
    value: str | float | tuple[str, ...] | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class And:
    """All of several, two at least."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """Any of several, two at least."""

    parts: "tuple[Node, ...]"


Node = And | Or | Comparison


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that has been read; without a root it lets every run through."""

    root: Node | None = None

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Its conditions, in the order of the text."""
        return tuple(_leaves(self.root)) if self.root else ()


def parse(text: str, fields: Sequence[FieldFacts] = ()) -> Filter:
    """Read a filter; `fields`, where they are known, let a mistake suggest the nearest name.

    Raises:
        FilterError: The first mistake, with its place and what may stand there.
    """
    if len(text) > LONGEST:
        raise mistakes.too_much(LONGEST, MOST, start=LONGEST, end=len(text))
    if odd := _SURROGATE.search(text):
        raise odd_character(odd.start(), text)
    try:
        tree = PARSER.parse(text)
    except UnexpectedInput as error:
        raise misplaced(PARSER, error, text) from None
    (top,) = tree.children
    root = _Reader(fields).node(top) if isinstance(top, Tree) else None
    parsed = Filter(root)
    if len(parsed.comparisons) > MOST:
        too_many = parsed.comparisons[MOST:]
        raise mistakes.too_much(LONGEST, MOST, start=too_many[0].start, end=too_many[-1].end)
    return parsed


def _leaves(node: Node) -> list[Comparison]:
    if isinstance(node, Comparison):
        return [node]
    return [leaf for part in node.parts for leaf in _leaves(part)]


class _Reader:
    """Turns the parser's tree into ours, and finds what only the meaning of the words shows."""

    def __init__(self, fields: Sequence[FieldFacts]) -> None:
        self._fields = fields

    def node(self, tree: Tree[Token], depth: int = 0) -> Node:
        """A part of the filter."""
        if depth > 3 * DEEPEST + 2:  # either, both, nested
            raise mistakes.too_deep(DEEPEST, start=tree.meta.start_pos, end=tree.meta.end_pos)
        parts = [child for child in tree.children if isinstance(child, Tree)]
        match tree.data:
            case "either" | "both" | "nested":
                read = tuple(self.node(part, depth + 1) for part in parts)
                if len(read) == 1:
                    return read[0]
                return Or(read) if tree.data == "either" else And(read)
            case _:
                return self._comparison(tree)

    def _comparison(self, tree: Tree[Token]) -> Comparison:
        name, operator, *values = (child for child in tree.children if isinstance(child, Token))
        field = self._field(name)
        comparator = _comparator(field, operator)
        if tree.data == "compared":
            value: str | float | tuple[str, ...] | None = _value(field, values[0])
        else:
            value = tuple(one[1:-1] for one in values) or None
        return Comparison(field, comparator, value, tree.meta.start_pos, tree.meta.end_pos)

    def _field(self, token: Token) -> Named:
        try:
            return named_by(token)
        except UnknownKindError:
            raise mistakes.unknown_kind(token, self._fields) from None
        except UnknownNameError:
            raise mistakes.unknown_name(token, self._fields) from None


def _comparator(field: Named, token: Token) -> Comparator:
    words = " ".join(token.upper().split())
    if words not in comparators(field):
        raise mistakes.unfit_comparator(token, field)
    return Comparator(words)


def _value(field: Named, token: Token) -> str | float:
    if is_number(field):
        if field in TIMES and token.type == "STRING" and (moment := _moment(token[1:-1])) is not None:
            return moment
        if token.type != "NUMBER":
            raise mistakes.no_number(token, field)
        digits = token.lstrip("+-")
        return int(token) if digits.isdecimal() and len(digits) <= _EXACT_DIGITS else float(token)
    if token.type != "STRING":
        raise mistakes.no_text(token, field)
    return str(token[1:-1])


def _moment(text: str) -> int | None:
    """A time in ISO 8601 as milliseconds since 1970; None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
