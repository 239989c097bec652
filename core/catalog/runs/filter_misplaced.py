"""What stands where a run filter has no place for it, explained by what came before."""

import re
from collections.abc import Sequence

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from core.catalog.runs.filter_mistakes import (
    EXAMPLE,
    INSTEAD,
    at,
    comparators_hint,
    nameless,
    shown,
)
from core.catalog.runs.filter_words import (
    Named,
    UnknownKindError,
    UnknownNameError,
    is_number,
    named_by,
    spelled,
)
from core.errors import FilterError
from core.messages import message

_QUOTES = "\"'`"
_JOINERS = ("_AND", "_OR")
_ENDS = ("$END", "_RPAR", *_JOINERS)
_JOIN = message("Conditions are joined by AND or OR.")


def misplaced(parser: Lark, error: UnexpectedInput, text: str) -> FilterError:
    """What the grammar does not allow where it stands, explained by what came before."""
    if isinstance(error, UnexpectedCharacters):
        return odd_character(error.pos_in_stream or 0, text)
    assert isinstance(error, UnexpectedToken)
    token = error.token
    is_end = token.type == "$END"
    start = len(text.rstrip()) if is_end else token.start_pos or 0
    before = list(parser.lex(text[:start]))
    place = Token(
        token.type, "" if is_end else str(token), start_pos=start, end_pos=start + len(token) * (not is_end)
    )
    expected = error.accepts or error.expected
    if "OPERATOR" in expected:
        return _no_comparison(place, before, text)
    if "NUMBER" in expected:
        return _no_value(place, before)
    if "NAME" in expected:
        return _no_condition(place, before)
    if "_COMMA" in expected or "STRING" in expected or "_LPAR" in expected:
        return at(
            place,
            message("Texts in quotes stand in parentheses after IN, with commas between them."),
            message('For example: run_id IN ("a", "b")'),
        )
    return _not_joined(place, before)


def odd_character(start: int, text: str) -> FilterError:
    """A character that begins nothing: most often a quote without its end."""
    it = text[start]
    if it in _QUOTES:
        return FilterError(
            message("The quote that is opened here is not closed."),
            message("Put {quote} behind the text.", quote=it),
            start=start,
            end=len(text.rstrip()),
        )
    return FilterError(
        message("{it} means nothing in a filter.", it=it.encode(errors="replace").decode()),
        _JOIN,
        start=start,
        end=start + 1,
    )


def _no_condition(place: Token, before: Sequence[Token]) -> FilterError:
    last = before[-1] if before else None
    if place.type in _ENDS:
        if last is None or place.type in _JOINERS:
            title = message("A condition is missing before {it}.", it=shown(place))
        else:
            title = message("A condition is missing after {it}.", it=shown(last))
    else:
        title = message("A condition starts with a name; {it} is none.", it=shown(place))
    return at(place, title, EXAMPLE)


def _no_comparison(place: Token, before: Sequence[Token], text: str) -> FilterError:
    name = before[-1]
    field = _field(name)
    hint = comparators_hint(field) if field else EXAMPLE
    if name.endswith("."):
        return nameless(name)
    if name.upper() == "NOT":
        return at(
            name,
            message("NOT stands in NOT IN and IS NOT NULL only."),
            message("To turn a condition round, use !=, NOT IN, or the opposite comparison."),
        )
    if place.type in _ENDS:
        return at(place, message("A comparison is missing after {it}.", it=shown(name)), hint)
    rest = text[place.end_pos :]
    if place.type == "NAME" and "." in name and re.match(r"\s*([<>=!]|I?LIKE\b)", rest, re.IGNORECASE):
        kind, _, first = name.partition(".")
        spaced = f"{first}{text[name.end_pos : place.end_pos]}"
        hint = message("A name with a space stands in backticks: {example}", example=f"{kind}.`{spaced}`")
    return at(place, message("{it} is no comparison.", it=shown(place)), hint)


def _no_value(place: Token, before: Sequence[Token]) -> FilterError:
    operator = before[-1]
    field = _field(before[-2])
    hint = EXAMPLE
    if field:
        value = "0.8" if is_number(field) else '"…"'
        hint = message("For example: {example}", example=f"{spelled(field)} {operator} {value}")
    if place.type == "OPERATOR":
        both = Token("OPERATOR", f"{operator} {place}", start_pos=operator.start_pos, end_pos=place.end_pos)
        if instead := INSTEAD.get(str(both)):
            hint = message("Write {instead}.", instead=instead)
        return at(both, message("{it} is no comparison.", it=both), hint)
    if place.type in _ENDS:
        return at(place, message("A value is missing after {it}.", it=operator), hint)
    return at(place, message("A value belongs here; {it} is none.", it=shown(place)), hint)


def _not_joined(place: Token, before: Sequence[Token]) -> FilterError:
    if place.type == "_RPAR":
        return at(
            place, message("This parenthesis closes nothing."), message("Take it away, or open one before.")
        )
    if place.type == "$END":
        depth = 0
        for token in reversed(before):
            depth += {"_RPAR": 1, "_LPAR": -1}.get(token.type, 0)
            if depth < 0:
                return at(
                    token, message("This parenthesis is not closed."), message("Put ) behind its conditions.")
                )
    if place.type == "_COMMA":
        return at(place, message("{it} means nothing in a filter.", it=place), _JOIN)
    return at(place, message("AND or OR is missing before {it}.", it=shown(place)), _JOIN)


def _field(token: Token) -> Named | None:
    try:
        return named_by(token)
    except (UnknownKindError, UnknownNameError):
        return None
