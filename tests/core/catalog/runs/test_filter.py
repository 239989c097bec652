"""What a filter means, and what is said of one that means nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.runs.completion import complete, unknown_names
from core.catalog.runs.filter import DEEPEST, LONGEST, MOST, And, Comparison, Or, parse
from core.catalog.runs.filter_sql import condition
from core.catalog.runs.filter_words import Comparator, DatasetField, named_by, spelled
from core.catalog.runs.question import Field, FieldFacts, Kind
from core.errors import FilterError

FIELDS = [
    FieldFacts(field=Field(Kind.METRIC, "roc_auc"), runs=9, is_number=True),
    FieldFacts(field=Field(Kind.METRIC, "val/loss"), runs=8, is_number=True),
    FieldFacts(field=Field(Kind.PARAM, "depth"), runs=9, is_number=True),
]


def only(text: str) -> Comparison:
    (comparison,) = parse(text).comparisons
    return comparison


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("metrics.auc > 1", Field(Kind.METRIC, "auc")),
        ("metric.`val auc` > 1", Field(Kind.METRIC, "val auc")),
        ('metrics."val auc">1', Field(Kind.METRIC, "val auc")),
        ("`metrics`.'a b' > 1", Field(Kind.METRIC, "a b")),
        ("metrics.val/auc@5 > 1", Field(Kind.METRIC, "val/auc@5")),
        ("metrics.a.b-c.d<-1", Field(Kind.METRIC, "a.b-c.d")),
        ("parameters.and = 'x'", Field(Kind.PARAM, "and")),
        ("param.values = 'x'", Field(Kind.PARAM, "values")),
        ("tag.mlflow.user = 'x'", Field(Kind.TAG, "mlflow.user")),
        ("Created > 1", Field(Kind.ATTRIBUTE, "start_time")),
        ("attr.`Run name` = 'x'", Field(Kind.ATTRIBUTE, "run_name")),
        ('"run name" = "x"', Field(Kind.ATTRIBUTE, "run_name")),
        ("run.status = 'x'", Field(Kind.ATTRIBUTE, "status")),
        ("duration > 1", Field(Kind.ATTRIBUTE, "duration")),
        ("datasets.name = 'x'", DatasetField("name")),
    ],
)
def test_a_field_has_several_names(text: str, field: Field | DatasetField) -> None:
    assert only(text).field == field


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("metrics.m >= .5", ">=", 0.5),
        ("metrics.m != -1.e-3", "!=", -0.001),
        ("start_time<1700000000000", "<", 1_700_000_000_000),
        ("start_time > '2026-11-21'", ">", 1_795_219_200_000),
        ('end_time <= "2026-11-21T09:00+09:00"', "<=", 1_795_219_200_000),
        ("params.p = 'a\"b'", "=", 'a"b'),
        ("params.p = 'a''b'", "=", "a''b"),  # MLflow takes quotes out nowhere but at the ends
        (r"params.p = 'a\'b'", "=", r"a\'b"),
        (r'params.p = "C:\"', "=", "C:\\"),
        ("params.p iLIKE'%A%'", "ILIKE", "%A%"),
        ("run_id not  in ('a' , \"b\",)", "NOT IN", ("a", "b")),
        ("params.p IN ('a')", "IN", ("a",)),
        ("tags.t is  Not null", "IS NOT NULL", None),
        ("metrics.m IS NULL", "IS NULL", None),
    ],
)
def test_a_condition_compares_with_a_value(text: str, operator: str, value: object) -> None:
    assert (only(text).operator, only(text).value) == (Comparator(operator), value)


def test_or_binds_less_than_and() -> None:
    a, b, c, d = ("metrics.a > 1", 'params.b = "x"', "status = 'y'", "tags.d IS NULL")
    tree = parse(f"{a} OR {b} and ({c} or\n{d})").root
    match tree:
        case Or((first, And((second, Or((third, fourth)))))):
            names = [str(one.field) for one in (first, second, third, fourth) if isinstance(one, Comparison)]
            assert names == ["metrics.a", "params.b", "attributes.status", "tags.d"]
        case _:
            pytest.fail(repr(tree))


def test_a_condition_knows_its_place() -> None:
    text = "metrics.a > 1 and  (params.b in ('x', 'y'))"
    places = [text[one.start : one.end] for one in parse(text).comparisons]
    assert places == ["metrics.a > 1", "params.b in ('x', 'y')"]


def test_nothing_is_a_filter() -> None:
    assert parse("").root is parse(" \n\t").root is None


# Filter, the part at fault, what is wrong, and something of the hint.
MISTAKES = [
    ("metrics.roc_auc > high", "high", "metrics.roc_auc is compared with a number; high is none.", "> 0.8"),
    ("metrics.roc_auc > '0.5'", "'0.5'", "is compared with a number", "Write 0.5 without quotes."),
    ("metrics.roc_auc > NaN", "NaN", "NaN is none", "without quotes"),
    ("start_time > 'soon'", "'soon'", "start_time is compared with a time", '"2026-'),
    ("params.depth = 5", "5", "Params are texts: put the value into quotes.", 'Write "5".'),
    ("tags.a = `b`", "`b`", "Tags are texts", 'Write "b".'),
    ("status = FINISHED", "FINISHED", "status is a text", '"FINISHED"'),
    ("datasets.name = d", "d", "Facts of datasets are texts", '"d"'),
    (
        "params.depth > '5'",
        ">",
        "> does not compare params.depth: its values are texts.",
        "= != LIKE ILIKE IN",
    ),
    ("metrics.a LIKE 1", "LIKE", "LIKE does not compare metrics.a", "= != > >= < <="),
    ("metrics.a IN ('1')", "IN", "IN does not compare metrics.a", "= !="),
    ("metrics.a == 1", "==", "== is no comparison here.", "Write =."),
    ("metrics.a = = 1", "= =", "= = is no comparison.", "Write =."),
    ("metrics.a <> 1", "<>", "<> is no comparison", "Write !=."),
    ("params.a RLIKE 'x'", "RLIKE", "RLIKE is no comparison.", "LIKE ILIKE"),
    ("params.a CONTAINS 'x'", "CONTAINS", "CONTAINS is no comparison.", "LIKE"),
    ("roc_auc > 0.5", "roc_auc", "There is no attribute roc_auc.", "Do you mean metrics.roc_auc?"),
    ("rocauc > 0.5", "rocauc", "There is no attribute rocauc.", "metrics.roc_auc"),
    ("loss > 0.5", "loss", "There is no attribute loss.", "metrics.`val/loss`?"),
    ("atributes.status = 'x'", "atributes.status", "does not", "Do you mean attributes.status?"),
    ("attributes.statsu = 'x'", "attributes.statsu", "There is no attribute statsu.", "Do you mean status?"),
    ("METRICS.a > 1", "METRICS.a", "A name starts with metrics.", "Do you mean metrics.a?"),
    ("datasets.size = '1'", "datasets.size", "Datasets have no size.", "datasets.digest"),
    ("metrics. > 1", "metrics.", "A name is missing after the dot", "metrics.roc_auc"),
    ("metrics.", "metrics.", "A name is missing after the dot", ""),
    ("metrics.val auc > 1", "auc", "auc is no comparison.", "metrics.`val auc`"),
    ("params.a = 'x", "'x", "The quote that is opened here is not closed.", "Put '"),
    ("params.`a b = 1", "`a b = 1", "The quote that is opened here is not closed.", "Put `"),
    ("metrics.a > 1 params.b = 'x'", "params.b", "AND or OR is missing before params.b.", "AND or OR"),
    ("metrics.a > 1 AND AND metrics.b > 1", "AND", "A condition is missing before AND.", "For example"),
    ("AND metrics.b > 1", "AND", "A condition is missing before AND.", ""),
    ("metrics.a > 1 or ", "", "A condition is missing after or.", ""),
    ("()", ")", "A condition is missing after (.", ""),
    ("(metrics.a > 1", "(", "This parenthesis is not closed.", "Put )"),
    ("metrics.a > 1 or (status = 'a' and (user_id = 'b')", "(", "This parenthesis is not closed.", ""),
    ("metrics.a > 1)", ")", "This parenthesis closes nothing.", ""),
    ("metrics.a", "", "A comparison is missing after metrics.a.", "= != >"),
    ("metrics.a and status = 'x'", "and", "A comparison is missing after metrics.a.", ""),
    ("metrics.a > ", "", "A value is missing after >.", "metrics.a > 0.8"),
    ("(params.a = )", ")", "A value is missing after =.", 'params.a = "…"'),
    ("1 < metrics.a", "1", "A condition starts with a name; 1 is none.", ""),
    ("not status = 'x'", "not", "NOT stands in NOT IN and IS NOT NULL only.", "!="),
    ("run_id IN 'a'", "'a'", "Texts in quotes stand in parentheses after IN", "run_id IN"),
    ("run_id IN ('a' 'b')", "'b'", "Texts in quotes stand in parentheses after IN", ""),
    ("run_id IN ()", ")", "Texts in quotes stand in parentheses after IN", ""),
    ("metrics.a > 1;", ";", "; means nothing in a filter.", ""),
    ("metrics.a > 1, metrics.b > 1", ",", ", means nothing in a filter.", ""),
    ("params.a = '\ud800'", "\ud800", "? means nothing in a filter.", ""),
]


@pytest.mark.parametrize(("text", "part", "title", "hint"), MISTAKES)
def test_a_mistake_is_told_at_its_place(text: str, part: str, title: str, hint: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text, FIELDS)
    error = caught.value
    assert title in str(error.title)
    assert hint in str(error.hint)
    assert error.start is not None
    assert text[error.start : error.end] == part


def test_a_filter_has_limits() -> None:
    parse(" AND ".join(["metrics.a > 1"] * MOST))
    parse("(" * DEEPEST + "metrics.a > 1" + ")" * DEEPEST)
    some = ", ".join(f"'{number:032}'" for number in range(500))
    listed = only(f"run_id IN ({some})").value
    assert isinstance(listed, tuple)
    assert len(listed) == 500
    for text, title in [
        (" AND ".join(["metrics.a > 1"] * (MOST + 1)), "The filter is too long."),
        ("metrics.a > 1" + " " * LONGEST, "The filter is too long."),
        ("(" * 5_000 + "metrics.a > 1" + ")" * 5_000, "The parentheses are nested more than 50 deep."),
    ]:
        with pytest.raises(FilterError, match=title):
            parse(text)


@pytest.mark.parametrize("number", ["9" * 30, "1" + "0" * 5_000, "1e400"])
def test_a_number_may_be_huge(number: str) -> None:
    assert only(f"start_time < {number}").value == float(number)


@pytest.mark.parametrize(
    "name", ["auc", "a.b", "a b", "val/loss", "a`b", 'a"b', "1st", "from", "x.in", "精度", "and"]
)
def test_a_name_is_written_so_that_it_is_read(name: str) -> None:
    for kind in (Kind.METRIC, Kind.PARAM, Kind.TAG):
        assert named_by(spelled(Field(kind, name))) == Field(kind, name)


def test_a_name_that_no_run_has_is_pointed_out() -> None:
    text = (
        "metrics.rocauc > 1 or params.depth = '1' or status = 'x' or datasets.name = 'y' or tags.depth = 'z'"
    )
    found = unknown_names(parse(text), FIELDS)
    assert [str(error) for error in found] == [
        "No run here has metrics.rocauc. Do you mean metrics.roc_auc?",
        "No run here has tags.depth. Do you mean params.depth?",
    ]
    assert [text[error.start : error.end] for error in found] == ["metrics.rocauc > 1", "tags.depth = 'z'"]


PIECES = [
    *(
        "metrics.",
        "params.a",
        "status",
        "datasets.name",
        '"run name"',
        '"',
        "'",
        "`",
        "(",
        ")",
        " ",
        "=",
        "!",
        ">",
        ".",
    ),
    *(
        "IN",
        "not",
        "is",
        "NULL",
        "and",
        "or",
        "like",
        "5",
        "-1e3",
        "\\",
        "é",
        "\ud800",
        "\0",
        ",",
        ";",
        "~",
        "\n",
        "'x'",
    ),
]


@settings(max_examples=300)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=14),
    gap=st.sampled_from(["", " "]),
    cursor=st.integers(0, 60),
)
def test_whatever_is_typed_is_read_or_explained(pieces: list[str], gap: str, cursor: int) -> None:
    text = gap.join(pieces)
    place = (0, 0)
    try:
        sql, parameters = condition(parse(text, FIELDS))
        assert sql.count("?") == len(parameters)
    except FilterError as error:
        place = (error.start or 0, -1 if error.end is None else error.end)
    assert 0 <= place[0] <= place[1] <= len(text)
    at = min(cursor, len(text))
    found = complete(text, at, FIELDS)
    assert found.start <= at <= found.end <= len(text)
