"""What is wrong with a run filter: one sentence, the place, and what may stand there."""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from lark import Token

from core.catalog.runs.filter_words import (
    KIND_WORDS,
    NULLITIES,
    TIMES,
    Comparator,
    Named,
    comparators,
    in_quotes,
    is_number,
    kind_called,
    spelled,
    unquoted,
)
from core.catalog.runs.question import ATTRIBUTES, Field, FieldFacts, Kind
from core.errors import NO_HINT, FilterError
from core.messages import Message, message

_MOST_SHOWN = 60  # characters of a wrong part
_QUOTES = "\"'`"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
EXAMPLE = message(
    'For example: metrics.roc_auc > 0.8 AND (params.max_depth = "5" OR attributes.status = "FINISHED")'
)
INSTEAD = {  # what other languages write, and a comparison that fell apart
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
        it=shown(token),
    )
    return at(token, title, _perhaps(options) or EXAMPLE)


def unknown_name(token: Token, fields: Sequence[FieldFacts]) -> FilterError:
    """No attribute and no fact of datasets; or nothing at all after the dot."""
    kind, dot, name = token.partition(".")
    name = unquoted(name if dot else kind)
    if not name:
        return nameless(token)
    if dot and kind_called(unquoted(kind)) == "datasets":
        title = message("Datasets have no {it}.", it=shown(name))
        return at(token, title, message("Use datasets.name, datasets.digest or datasets.context."))
    options = get_close_matches(name.lower(), ATTRIBUTES, n=1)
    if not dot:  # perhaps a metric or a param without its prefix
        known = {facts.field.name: spelled(facts.field) for facts in reversed(fields)}
        same = [known[name]] if name in known else []
        options = same or options or [known[near] for near in get_close_matches(name, known, n=1)]
    hint = message(
        "A metric is metrics.{name}, a param params.{name}; attributes are {attributes}.",
        name=shown(name),
        attributes=", ".join(ATTRIBUTES),
    )
    return at(token, message("There is no attribute {it}.", it=shown(name)), _perhaps(options) or hint)


def unfit_comparator(token: Token, field: Named) -> FilterError:
    """A comparison that does not fit the field, or is none."""
    instead = INSTEAD.get(str(token), "")
    if instead in comparators(field):
        return at(
            token,
            message("{it} is no comparison here.", it=token),
            message("Write {instead}.", instead=instead),
        )
    words = " ".join(token.upper().split())
    if words in Comparator.__members__.values():
        title = message("{it} does not compare {name}: its values are texts.", **_named(token, field))
        if is_number(field):
            title = message("{it} does not compare {name}: its values are numbers.", **_named(token, field))
    else:
        title = message("{it} is no comparison.", it=shown(token))
    return at(token, title, comparators_hint(field))


def no_number(token: Token, field: Named) -> FilterError:
    """A text or a word where a number belongs."""
    bare = token.strip(_QUOTES).strip()
    hint = message("A number stands without quotes: {example}", example=f"{spelled(field)} > 0.8")
    if _NUMBER.fullmatch(bare):
        hint = message("Write {value} without quotes.", value=shown(bare))
    elif field in TIMES:
        hint = message("For example: {example}", example=f'{spelled(field)} >= "2026-11-21 09:30"')
    title = message("{name} is compared with a number; {it} is none.", **_named(token, field))
    if field in TIMES:
        title = message("{name} is compared with a time; {it} is none.", **_named(token, field))
    return at(token, title, hint)


def no_text(token: Token, field: Named) -> FilterError:
    """A number or a word where a text in quotes belongs."""
    titles = {
        Kind.PARAM: message("Params are texts: put the value into quotes."),
        Kind.TAG: message("Tags are texts: put the value into quotes."),
        Kind.ATTRIBUTE: message("{name} is a text: put the value into quotes.", name=spelled(field)),
    }
    facts = message("Facts of datasets are texts: put the value into quotes.")
    value = in_quotes(token.strip(_QUOTES))
    return at(
        token,
        titles[field.kind] if isinstance(field, Field) else facts,
        message("Write {value}.", value=shown(value)),
    )


def missing_name(field: Field, known: Collection[Field], *, start: int, end: int) -> FilterError:
    """A metric, param or tag that no run at hand has; the nearest name that some have."""
    names = [one.name for one in known if one.kind is field.kind]
    near = [Field(field.kind, name) for name in get_close_matches(field.name, names, n=1)]
    same = sorted(one for one in known if one.name == field.name)
    title = message("No run here has {name}.", name=shown(spelled(field)))
    hint = _perhaps([spelled(one) for one in (*near, *same)])
    return FilterError(title, hint or NO_HINT, start=start, end=end)


def comparators_hint(field: Named) -> Message:
    """With what the field can be compared."""
    fit = [one for one in comparators(field) if one not in NULLITIES]
    return message(
        "{name} can be compared with {comparators}.", name=spelled(field), comparators=" ".join(fit)
    )


def nameless(token: Token) -> FilterError:
    """A kind and a dot, and nothing behind."""
    return at(
        token, message("A name is missing after the dot: {it} names nothing.", it=shown(token)), EXAMPLE
    )


def _named(token: Token, field: Named) -> dict[str, str]:
    return {"it": shown(token), "name": shown(spelled(field))}


def _perhaps(options: Sequence[str]) -> Message | None:
    return message("Do you mean {name}?", name=options[0]) if options else None


def shown(text: str) -> str:
    """The text as a sentence can hold it."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def at(token: Token, title: Message, hint: Message) -> FilterError:
    """A mistake where the token stands."""
    return FilterError(title, hint, start=token.start_pos, end=token.end_pos)
