import json
import math
from datetime import UTC, datetime
from typing import Any

from core.catalog.runs.question import Field, Kind, RunRow, RunRows
from dashboard.components.run_table import grid_rows

STARTED = Field(Kind.ATTRIBUTE, "start_time")
STATUS = Field(Kind.ATTRIBUTE, "status")
AUC = Field(Kind.METRIC, "roc.auc")
COMMIT = Field(Kind.TAG, "mlflow.source.git.commit")


def rows(*values: Any, fields: list[Field], **facts: Any) -> Any:
    run = RunRow(
        **{"id": "r0", "name": "", "experiment": "1", "status": "FINISHED", "values": values, **facts}
    )
    return json.loads(json.dumps(grid_rows(RunRows((run,), 7), fields), allow_nan=False))


def test_facts_of_a_run() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    fields = [STATUS, STARTED, AUC, COMMIT]
    answer = rows("RUNNING", start, 0.5, "0123456789abcdef", fields=fields, name="forest", parent="r9")

    assert answer["rowCount"] == 7
    assert answer["rowData"] == [
        {
            "id": "r0",
            "href": "/runs/r0",
            "parent": "r9",
            "attributes.run_name": "forest",
            "attributes.status": "running",
            "attributes.start_time": 1767225600000,
            "metrics.roc.auc": 0.5,
            "tags.mlflow.source.git.commit": "0123456789",
        }
    ]


def test_a_run_without_a_name_shows_its_id_and_an_unknown_status_its_word() -> None:
    (row,) = rows("PENDING", fields=[STATUS])["rowData"]

    assert (row["attributes.run_name"], row["attributes.status"]) == ("r0", "PENDING")


def test_what_is_no_number_survives_json_and_what_is_missing_is_absent() -> None:
    fields = [Field(Kind.METRIC, name) for name in "abcd"]
    (row,) = rows(math.nan, -math.inf, math.inf, None, fields=fields)["rowData"]

    assert (row["metrics.a"], row["metrics.b"], row["metrics.c"]) == ("NaN", "-Infinity", "Infinity")
    assert "metrics.d" not in row


def test_the_name_of_a_run_is_no_address() -> None:
    (row,) = rows(fields=[], id="a/b?c", name="<b>x</b>")["rowData"]

    assert row["href"] == "/runs/a%2Fb%3Fc"
