import json
import math
from datetime import UTC, datetime
from typing import Any

from core.catalog.store import Run
from dashboard.components.run_table import MOST_COLUMNS, table


def run(number: int = 0, **facts: Any) -> Run:
    return Run(**{"id": f"r{number}", "name": "", "experiment_id": "1", "status": "FINISHED", **facts})


def heads(columns: Any) -> dict[str, list[str]]:
    return {
        column["headerName"]: [child["headerName"] for child in column.get("children", [])]
        for column in columns
    }


def test_facts_of_a_run() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    tags = {"mlflow.source.git.commit": "0123456789abcdef"}
    (row,) = table([run(name="forest", status="RUNNING", user="anna", started=start, tags=tags)])[1]

    assert row == {
        "id": "r0",
        "name": "forest",
        "status": "running",
        "started": 1767225600000,
        "seconds": None,
        "user": "anna",
        "commit": "0123456789",
    }


def test_a_run_without_a_name_shows_its_id_and_an_unknown_status_its_word() -> None:
    (row,) = table([run(status="PENDING")])[1]

    assert (row["name"], row["status"]) == ("r0", "PENDING")


def test_metrics_and_params_are_columns_in_alphabetical_order() -> None:
    columns, _rows = table(
        [run(metrics={"b": 1.0, "A": 1.0}), run(1, params={"z.y": "1"}, metrics={"c": 2.0})]
    )

    assert heads(columns)["Metrics"] == ["A", "b", "c"]
    assert heads(columns)["Parameters"] == ["z.y"]


def test_groups_without_columns_are_left_out() -> None:
    assert not {"Metrics", "Parameters"} & heads(table([run()])[0]).keys()


def test_a_metric_and_a_param_of_the_same_name_do_not_meet() -> None:
    columns, (row,) = table([run(metrics={"id": 1.0}, params={"id": "x"})])
    fields = [child["field"] for column in columns for child in column.get("children", [])]

    assert row["id"] == "r0"
    assert len(set(fields)) == len(fields)


def test_what_is_no_number_survives_json_and_what_is_missing_is_absent() -> None:
    rows = table(
        [
            run(metrics={"a": math.nan}),
            run(1, metrics={"a": -math.inf}),
            run(2, metrics={"a": math.inf}),
            run(3),
        ]
    )[1]

    assert [row.get("m0") for row in json.loads(json.dumps(rows, allow_nan=False))] == [
        "NaN",
        "-Infinity",
        "Infinity",
        None,
    ]
    assert "m0" not in rows[3]


def test_of_very_many_metrics_the_most_frequent_are_columns() -> None:
    rare = {f"rare{i}": 1.0 for i in range(MOST_COLUMNS + 5)}
    columns, rows = table([run(metrics=rare), *(run(i, metrics={"common": 1.0}) for i in range(1, 4))])

    assert "common" in heads(columns)["Metrics"]
    assert len(heads(columns)["Metrics"]) == MOST_COLUMNS
    assert sum(key.startswith("m") for key in rows[0]) == MOST_COLUMNS - 1
