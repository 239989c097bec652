"""What is wrong with a run filter: one sentence, the place, and what may stand there."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from core.catalog.run_filter_words import (
    KIND_WORDS,
    NULLITIES,
    Comparator,
    Named,
    UnknownKindError,
    UnknownNameError,
    comparators,
    in_quotes,
    is_number,
    kind_called,
    named_by,
    spelled,
    unquoted,
)
from core.catalog.run_question import ATTRIBUTES, Field, FieldFacts, Kind
from core.errors import NO_HINT, FilterError
from core.messages import Message, message

_MOST_SHOWN = 60  # characters of a wrong part
_QUOTES = "\"'`"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_JOINERS = ("_AND", "_OR")
EXAMPLE = message(
    'For example: metrics.roc_auc > 0.8 AND (params.max_depth = "5" OR attributes.status = "FINISHED")'
)
_INSTEAD = {  # what other languages write, and a comparison that fell apart
    wrong: right
    for right, all_wrong in {
        "=": ("==", "===", "= ="),
        "!=": ("<>", "! =", "=!", "!=="),
        ">=": ("> =", "=>"),
        "<=": ("< =", "=<"),
        "LIKE": ("~", "=~"),
    }.items()
    for wrong in all_wrong
}


def too_much(longest: int, most: int, *, start: int, end: int) -> FilterError:
    """A filter of more than `longest` characters or `most` conditions."""
    return FilterError(
        message("The filter is too long."),
        message("At most {longest} characters and {most} conditions.", longest=longest, most=most),
        start=start,
        end=end,
    )


def too_deep(deepest: int, *, start: int, end: int) -> FilterError:
    """Parentheses in parentheses beyond what anybody means."""
    return FilterError(
        message("The parentheses are nested more than {deepest} deep.", deepest=deepest),
        message("Take some away."),
        start=start,
        end=end,
    )


def unknown_kind(token: Token, fields: Sequence[FieldFacts]) -> FilterError:
    """A name with a dot, and something else than a kind before it."""
    kind, _, name = token.partition(".")
    options = [spelled(facts.field) for facts in fields if facts.field.name == token]
    options += [f"{near}.{name}" for near in get_close_matches(kind.lower(), KIND_WORDS, n=1)]
    title = message(
        "A name starts with metrics., params., tags., attributes. or datasets.; {it} does not.",
        it=_shown(token),
    )
    return _at(token, title, _perhaps(options) or EXAMPLE)


def unknown_name(token: Token, fields: Sequence[FieldFacts]) -> FilterError:
    """No attribute and no fact of datasets; or nothing at all after the dot."""
    kind, dot, name = token.partition(".")
    name = unquoted(name if dot else kind)
    if not name:
        return _nameless(token)
    if dot and kind_called(unquoted(kind)) == "datasets":
        title = message("Datasets have no {it}.", it=_shown(name))
        return _at(token, title, message("Use datasets.name, datasets.digest or datasets.context."))
    options = get_close_matches(name.lower(), ATTRIBUTES, n=1)
    if not dot:  # perhaps a metric or a param without its prefix
        known = {facts.field.name: spelled(facts.field) for facts in reversed(fields)}
        same = [known[name]] if name in known else []
        options = same or options or [known[near] for near in get_close_matches(name, known, n=1)]
    hint = message(
        "A metric is metrics.{name}, a param params.{name}; attributes are {attributes}.",
        name=_shown(name),
        attributes=", ".join(ATTRIBUTES),
    )
    return _at(token, message("There is no attribute {it}.", it=_shown(name)), _perhaps(options) or hint)


def unfit_comparator(token: Token, field: Named) -> FilterError:
    """A comparison that does not fit the field, or is none."""
    instead = _INSTEAD.get(str(token), "")
    if instead in comparators(field):
        return _at(
            token,
            message("{it} is no comparison here.", it=token),
            message("Write {instead}.", instead=instead),
        )
    words = " ".join(token.upper().split())
    if words in Comparator.__members__.values():
        what = message("numbers") if is_number(field) else message("texts")
        title = message(
            "{it} does not compare {name}: its values are {what}.", **_named(token, field), what=what
        )
    else:
        title = message("{it} is no comparison.", it=_shown(token))
    return _at(token, title, _comparators_hint(field))


def no_number(token: Token, field: Named) -> FilterError:
    """A text or a word where a number belongs."""
    bare = token.strip(_QUOTES).strip()
    hint = message("A number stands without quotes: {example}", example=f"{spelled(field)} > 0.8")
    if _NUMBER.fullmatch(bare):
        hint = message("Write {value} without quotes.", value=_shown(bare))
    elif isinstance(field, Field) and field.name in ("start_time", "end_time"):
        hint = message("A time is a number: milliseconds since 1970 in UTC, such as 1767225600000.")
    return _at(
        token, message("{name} is compared with a number; {it} is none.", **_named(token, field)), hint
    )


def no_text(token: Token, field: Named) -> FilterError:
    """A number or a word where a text in quotes belongs."""
    value = in_quotes(token.strip(_QUOTES))
    what = {Kind.PARAM: message("Params"), Kind.TAG: message("Tags"), Kind.ATTRIBUTE: message("Attributes")}
    kind = message("Facts of datasets") if not isinstance(field, Field) else what[field.kind]
    return _at(
        token,
        message("{kind} are texts: put the value into quotes.", kind=kind),
        message("Write {value}.", value=_shown(value)),
    )


def misplaced(parser: Lark, error: UnexpectedInput, text: str) -> FilterError:
    """What the grammar does not allow where it stands, explained by what came before."""
    if isinstance(error, UnexpectedCharacters):
        return _odd_character(error.pos_in_stream or 0, text)
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
        return _at(
            place,
            message("Texts in quotes stand in parentheses after IN, with commas between them."),
            message('For example: run_id IN ("a", "b")'),
        )
    return _not_joined(place, before)


def missing_name(field: Field, known: Collection[Field], *, start: int, end: int) -> FilterError:
    """A metric, param or tag that no run at hand has; the nearest name that some have."""
    names = [one.name for one in known if one.kind is field.kind]
    near = [Field(field.kind, name) for name in get_close_matches(field.name, names, n=1)]
    same = sorted(one for one in known if one.name == field.name)
    title = message("No run here has {name}.", name=_shown(spelled(field)))
    hint = _perhaps([spelled(one) for one in (*near, *same)])
    return FilterError(title, hint or NO_HINT, start=start, end=end)


def _odd_character(start: int, text: str) -> FilterError:
    it = text[start]
    if it in _QUOTES:
        return FilterError(
            message("The quote that is opened here is not closed."),
            message("Put {quote} behind the text.", quote=it),
            start=start,
            end=len(text.rstrip()),
        )
    return FilterError(
        message("{it} means nothing in a filter.", it=it),
        message("Conditions are joined by AND or OR."),
        start=start,
        end=start + 1,
    )


def _no_condition(place: Token, before: Sequence[Token]) -> FilterError:
    last = before[-1] if before else None
    if place.type in ("$END", "_RPAR", *_JOINERS):
        if last is None or place.type in _JOINERS:
            title = message("A condition is missing before {it}.", it=_shown(place))
        else:
            title = message("A condition is missing after {it}.", it=_shown(last))
    else:
        title = message("A condition starts with a name; {it} is none.", it=_shown(place))
    return _at(place, title, EXAMPLE)


def _no_comparison(place: Token, before: Sequence[Token], text: str) -> FilterError:
    name = before[-1]
    field = _field(name)
    hint = _comparators_hint(field) if field else EXAMPLE
    if name.endswith("."):
        return _nameless(name)
    if name.upper() == "NOT":
        return _at(
            name,
            message("NOT stands in NOT IN and IS NOT NULL only."),
            message("To turn a condition round, use !=, NOT IN, or the opposite comparison."),
        )
    if place.type in ("$END", "_RPAR", *_JOINERS):
        return _at(place, message("A comparison is missing after {it}.", it=_shown(name)), hint)
    rest = text[place.end_pos :]
    if place.type == "NAME" and "." in name and re.match(r"\s*([<>=!]|I?LIKE\b)", rest, re.IGNORECASE):
        kind, _, first = name.partition(".")
        spaced = f"{first}{text[name.end_pos : place.end_pos]}"
        hint = message("A name with a space stands in backticks: {example}", example=f"{kind}.`{spaced}`")
    return _at(place, message("{it} is no comparison.", it=_shown(place)), hint)


def _no_value(place: Token, before: Sequence[Token]) -> FilterError:
    operator = before[-1]
    field = _field(before[-2])
    hint = EXAMPLE
    if field:
        value = "0.8" if is_number(field) else '"…"'
        hint = message("For example: {example}", example=f"{spelled(field)} {operator} {value}")
    if place.type == "OPERATOR":
        both = Token("OPERATOR", f"{operator} {place}", start_pos=operator.start_pos, end_pos=place.end_pos)
        if instead := _INSTEAD.get(str(both)):
            hint = message("Write {instead}.", instead=instead)
        return _at(both, message("{it} is no comparison.", it=both), hint)
    if place.type in ("$END", "_RPAR", *_JOINERS):
        return _at(place, message("A value is missing after {it}.", it=operator), hint)
    return _at(place, message("A value belongs here; {it} is none.", it=_shown(place)), hint)


def _not_joined(place: Token, before: Sequence[Token]) -> FilterError:
    if place.type == "_RPAR":
        return _at(
            place, message("This parenthesis closes nothing."), message("Take it away, or open one before.")
        )
    if place.type == "$END":
        depth = 0
        for token in reversed(before):
            depth += {"_RPAR": 1, "_LPAR": -1}.get(token.type, 0)
            if depth < 0:
                return _at(
                    token, message("This parenthesis is not closed."), message("Put ) behind its conditions.")
                )
    if place.type == "_COMMA":
        return _at(place, message("{it} means nothing in a filter.", it=place), _JOIN)
    return _at(place, message("AND or OR is missing before {it}.", it=_shown(place)), _JOIN)


_JOIN = message("Conditions are joined by AND or OR.")


def _field(token: Token) -> Named | None:
    try:
        return named_by(token)
    except (UnknownKindError, UnknownNameError):
        return None


def _comparators_hint(field: Named) -> Message:
    fit = [one for one in comparators(field) if one not in NULLITIES]
    return message(
        "{name} can be compared with {comparators}.", name=spelled(field), comparators=" ".join(fit)
    )


def _nameless(token: Token) -> FilterError:
    return _at(token, message("A name is missing after the dot of {it}", it=_shown(token)), EXAMPLE)


def _named(token: Token, field: Named) -> dict[str, str]:
    return {"it": _shown(token), "name": _shown(spelled(field))}


def _perhaps(options: Sequence[str]) -> Message | None:
    return message("Do you mean {name}?", name=options[0]) if options else None


def _shown(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _at(token: Token, title: Message, hint: Message) -> FilterError:
    return FilterError(title, hint, start=token.start_pos, end=token.end_pos)
