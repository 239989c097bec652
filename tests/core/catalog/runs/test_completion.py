"""What is offered at the cursor, which is written as a bar."""

import pytest

from core.catalog.runs.completion import MOST, Completions, Sort, complete
from core.catalog.runs.filter import parse
from core.catalog.runs.question import ATTRIBUTES, Field, FieldFacts, Kind


def facts(kind: Kind, name: str, runs: int) -> FieldFacts:
    return FieldFacts(field=Field(kind, name), runs=runs, is_number=kind is Kind.METRIC)


FIELDS = [
    *(facts(Kind.ATTRIBUTE, name, 100) for name in ATTRIBUTES),
    facts(Kind.METRIC, "roc_auc", 100),
    facts(Kind.METRIC, "loss", 90),
    facts(Kind.METRIC, "val/loss", 80),
    facts(Kind.METRIC, "logit", 95),
    facts(Kind.PARAM, "lr", 50),
    facts(Kind.TAG, "mlflow.user", 100),
    facts(Kind.TAG, "team", 10),
]
STATUSES = ['"RUNNING"', '"SCHEDULED"', '"FINISHED"', '"FAILED"', '"KILLED"']


def at_bar(text: str) -> Completions:
    return complete(text.replace("|", ""), text.index("|"), FIELDS)


def offered(text: str) -> list[str]:
    return [option.text for option in at_bar(text).options]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("metrics.lo|", ["metrics.logit", "metrics.loss", "metrics.`val/loss`"]),
        ("metric.LOS|", ["metrics.loss", "metrics.`val/loss`"]),
        ("metrics.`val|", ["metrics.`val/loss`"]),
        ("metrics.val|", ["metrics.`val/loss`"]),
        ("auc|", ["metrics.roc_auc"]),
        ("tags.|", ["tags.team", "tags.mlflow.user"]),
        ("par|", ["params."]),
        ("metrics.a > 1 AND (sta|", ["status", "start_time"]),
        ("datasets.|", ["datasets.name", "datasets.digest", "datasets.context"]),
        ("metrics.loss |", ["=", "!=", ">", ">=", "<", "<=", "IS NULL", "IS NOT NULL"]),
        ("metrics.loss >|", [">="]),
        ("params.lr |", ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"]),
        ("params.lr n|", ["NOT IN"]),
        ("params.lr not |", ["NOT IN"]),
        ("params.lr is n|", ["IS NULL", "IS NOT NULL"]),
        ("status = |", STATUSES),
        ("status=|", STATUSES),
        ("attributes.status != 'f|", ['"FINISHED"', '"FAILED"']),
        ("status IN (|", STATUSES),
        ("status IN ('RUNNING', |", STATUSES),
        ("status IN ('RUNNING' |", [",", ")"]),
        ("status IN |", ["("]),
        ('"run name" IN (|', []),
        ("params.lr = '1' |", ["AND", "OR"]),
        ("params.lr = '1' o|", ["OR"]),
        ("(params.lr = '1' |", ["AND", "OR", ")"]),
        ("params.lr = |", []),
        ("metrics.loss > 0.|", []),
        ("metrics.loss ? ? |", []),
        ("bogus bogus |", []),
        ("params.lr = 'lo|", []),
    ],
)
def test_what_may_stand_at_the_cursor_is_offered(text: str, options: list[str]) -> None:
    assert offered(text) == options


def test_at_the_beginning_kinds_and_the_most_used_names_are_offered() -> None:
    found = at_bar("|")
    assert [option.text for option in found.options[:5]] == [
        "metrics.",
        "params.",
        "tags.",
        "datasets.",
        "run_name",
    ]
    assert "metrics.roc_auc" in offered("|")
    assert len(found.options) == MOST
    assert {option.sort for option in found.options} == {Sort.KIND, Sort.FIELD}
    assert next(option.runs for option in found.options if option.text == "metrics.roc_auc") == 100


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("metrics.lo|ss > 1", "metrics.loss"),
        ("status = 'FI|NISHED' AND user_id = 'x'", "'FINISHED'"),
        ("status = 'FI| AND user_id = 'x'", "'FI"),
        ("status = | AND user_id = 'x'", ""),
        ("params.lr is |", "is "),
    ],
)
def test_an_option_replaces_the_word_at_the_cursor(text: str, place: str) -> None:
    found = at_bar(text)
    assert text.replace("|", "")[found.start : found.end] == place


def test_an_option_makes_a_filter_that_can_be_read() -> None:
    text = ""
    for typed, choice in [("val", 0), (" <", 0), (" 1 ", 0), (" sta", 0), (" ", 0), (" ", 2)]:
        text += typed
        found = complete(text, len(text), FIELDS)
        text = text[: found.start] + found.options[choice].text
    assert text == 'metrics.`val/loss` <= 1 AND status = "FINISHED"'
    assert len(parse(text).comparisons) == 2


def test_thousands_of_names_are_searched() -> None:
    many = [facts(Kind.METRIC, f"layer{number}/norm", number) for number in range(12_000)]
    found = complete("metrics.norm", 12, many).options
    assert [option.text for option in found[:2]] == ["metrics.`layer11999/norm`", "metrics.`layer11998/norm`"]
    assert len(found) == MOST


@pytest.mark.parametrize("cursor", [-5, 3, 99])
def test_a_cursor_may_be_anywhere(cursor: int) -> None:
    found = complete("metrics.loss", cursor, FIELDS)
    assert 0 <= found.start <= found.end <= 12
