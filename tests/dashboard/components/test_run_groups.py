from core.catalog.runs.question import Condition, Field, Group, Kind, Operator, Spread
from dashboard.components.run_groups import columns, condition, rows

KIND = Field(Kind.PARAM, "kind")
AUC = Field(Kind.METRIC, "roc_auc")


def test_groups_with_the_numbers_of_their_metrics() -> None:
    groups = [Group("forest", 3, (Spread(2, 0.5, 0.4, 0.6),)), Group(None, 1, (Spread(0, None, None, None),))]
    first, second = rows(groups, KIND)

    assert first == {
        "key": "0",
        "value": "forest",
        "where": "params.kind~=~'forest",
        "runs": 3,
        "mean0": 0.5,
        "least0": 0.4,
        "most0": 0.6,
        "count0": 2,
    }
    assert (second["value"], second["where"], second.get("mean0")) == ("none", "params.kind~empty~'", None)


def test_a_group_opens_the_runs_that_it_holds() -> None:
    assert condition("forest", KIND) == Condition(KIND, Operator.EQUAL, "forest")
    assert condition(None, KIND) == Condition(KIND, Operator.EMPTY)


def test_each_metric_has_mean_least_most_and_count() -> None:
    found = columns(KIND, [AUC])

    assert [child["headerName"] for child in found[2]["children"]] == ["mean", "min", "max", "count"]
    assert found[0]["children"][0]["headerName"] == "kind"
