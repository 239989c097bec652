from typing import Any

from core.catalog.runs.question import Field, FieldFacts, Kind
from dashboard.components.run_column_chooser import MOST_FOUND, found_list, matches, shown_list
from dashboard.components.run_columns import MOST_METRICS, columns, grown, usual
from tests.dashboard.showing import parts, said

STATUS = Field(Kind.ATTRIBUTE, "status")


def metric(name: str) -> Field:
    return Field(Kind.METRIC, name)


def param(name: str) -> Field:
    return Field(Kind.PARAM, name)


def fact(field: Field, *, runs: int = 9, is_constant: bool = False) -> FieldFacts:
    return FieldFacts(field=field, runs=runs, is_number=field.kind == Kind.METRIC, is_constant=is_constant)


def heads(found: Any) -> list[tuple[str, list[str]]]:
    return [(one["headerName"], [child["headerName"] for child in one["children"]]) for one in found]


def test_usual_columns_are_what_tells_runs_apart() -> None:
    facts = [fact(metric("auc")), fact(param("data"), is_constant=True), fact(param("depth"))]
    found = usual(facts, experiments=1)

    assert found[-2:] == (metric("auc"), param("depth"))
    assert param("data") not in found
    assert Field(Kind.ATTRIBUTE, "experiment_id") not in found
    assert Field(Kind.ATTRIBUTE, "experiment_id") in usual(facts, experiments=2)


def test_of_very_many_metrics_the_most_used_are_columns() -> None:
    facts = [fact(metric(f"m{i}")) for i in range(12_000)]
    found = [one for one in usual(facts, experiments=1) if one.kind == Kind.METRIC]

    assert found == [metric(f"m{i}") for i in range(MOST_METRICS)]


def test_while_the_index_fills_columns_stay_where_they_are() -> None:
    before = usual([fact(metric("a")), fact(param("p"))], experiments=1)
    facts = [fact(metric("b")), fact(metric("a")), fact(param("p"), is_constant=True)]
    now = grown(before, facts, experiments=1, is_filling=True)

    assert [one for one in now if one in before] == list(before)
    assert now.index(metric("b")) == now.index(metric("a")) + 1
    assert grown(before, facts, experiments=1, is_filling=False) == usual(facts, experiments=1)


def test_neighbours_of_one_kind_stand_under_one_head() -> None:
    found = columns([STATUS, metric("a"), metric("b"), param("p"), metric("c")], [], [])

    assert heads(found) == [
        ("Run", ["Name"]),
        ("Attributes", ["Status"]),
        ("Metrics", ["a", "b"]),
        ("Parameters", ["p"]),
        ("Metrics", ["c"]),
    ]


def test_pinned_columns_come_first_and_are_let_go_again() -> None:
    found = columns([STATUS, metric("a"), metric("b")], [], [metric("b")])
    children = [child for one in found for child in one["children"]]

    assert [child["colId"] for child in children] == [
        "attributes.run_name",
        "metrics.b",
        "attributes.status",
        "metrics.a",
    ]
    assert [child.get("pinned") for child in children[1:]] == ["left", None, None]


def test_a_metric_and_a_param_of_the_same_name_do_not_meet() -> None:
    found = columns([metric("x.y"), param("x.y")], [], [])

    assert [child["field"] for one in found[1:] for child in one["children"]] == ["metrics.x.y", "params.x.y"]


def test_a_param_that_is_a_number_is_filtered_as_one() -> None:
    facts = [FieldFacts(field=param("depth"), runs=1, is_number=True)]
    found = columns([param("depth"), param("kind")], facts, [])

    assert [child["filter"] for child in found[1]["children"]] == [
        "agNumberColumnFilter",
        "agTextColumnFilter",
    ]


def test_of_thousands_of_names_few_stand_on_the_page() -> None:
    facts = [fact(metric(f"class_{i}/precision")) for i in range(12_000)]
    found = found_list(facts, [], "precision")

    assert sum(type(part).__name__ == "Li" for part in parts(found)) == MOST_FOUND
    assert "11,950 more: type a part of the name" in said(found)


def test_a_search_finds_every_word_and_what_begins_with_it_first() -> None:
    facts = [fact(metric("val_loss")), fact(metric("loss")), fact(param("kind"))]

    assert [one.field.name for one in matches(facts, "Loss")] == ["loss", "val_loss"]
    assert [one.field.name for one in matches(facts, "met val")] == ["val_loss"]
    assert "Nothing matches" in said(found_list(facts, [], "zzz"))


def test_what_is_shown_can_be_moved_pinned_and_taken_away() -> None:
    shown = shown_list([STATUS, metric("a")], [metric("a")])
    buttons = [part for part in parts(shown) if getattr(part, "data-does", None)]
    does = {(getattr(one, "data-column"), getattr(one, "data-does")): one for one in buttons}

    assert getattr(does["metrics.a", "pin"], "aria-pressed") == "true"
    assert does["attributes.status", "up"].disabled
    assert does["metrics.a", "down"].disabled
    assert not does["metrics.a", "up"].disabled
