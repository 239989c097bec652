"""The comparison page: opened for the first time in a process, opened again, and its threshold moved.

Ten versions are registered in a real store and scored once on 100,000 rows. A new process then answers the
browser's own requests, from the bytes of the question to the bytes of the answer, against what a notebook
would do with the same scores: scikit-learn's functions, version by version. Then a browser opens the page,
and its threshold is typed and moved, each until what is in sight is painted.
`python -m benchmarks.comparison_page`
"""

import io
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import mlflow
import numpy as np
import pandas as pd
from flask import Flask
from flask.testing import FlaskClient
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from benchmarks.browser import PAINTED, median_seconds, serving, visitor
from benchmarks.evaluation import quiet_mlflow
from benchmarks.timing import milliseconds, print_table
from core.evidence.comparison import Status

ROWS: Final = 100_000
VERSIONS: Final = 10
COLUMNS: Final = 8
MODEL: Final = "opened"
PROCESSES: Final = 3  # each opens the page for its first time
REPEAT: Final = 15
CHANGED: Final = """
    const cell = document.querySelector("[data-cell='threshold']");
    const before = cell.textContent;
    const begin = performance.now();
    const since = () => until(cell, () => cell.textContent !== before).then((end) => end - begin);
"""
TYPED: Final = f"""(value) => {{
    {PAINTED}
    const box = document.getElementById("comparison-threshold-box");
    box.focus({{ preventScroll: true }});
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, value);
    box.dispatchEvent(new Event("input", {{ bubbles: true }}));
    {CHANGED}
    for (const kind of ["keydown", "keyup"])
        box.dispatchEvent(new KeyboardEvent(kind, {{ key: "Enter", bubbles: true }}));
    box.dispatchEvent(new Event("change", {{ bubbles: true }}));
    return since();
}}"""
MOVED: Final = f"""(key) => {{
    {PAINTED}
    const knob = document.querySelector(".threshold-slider [role=slider]");
    knob.focus({{ preventScroll: true }});
    {CHANGED}
    knob.dispatchEvent(new KeyboardEvent("keydown", {{ key, bubbles: true }}));
    return since();
}}"""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="runoff-benchmark-") as name:
        folder = Path(name)
        _fill(folder)
        runs = [_in_a_new_process(folder) for _ in range(PROCESSES)]
        typed, moved = _in_a_browser(folder / "runoff.yaml")
    first, again, threshold, notebook, notebook_threshold = (
        statistics.median(run[what] for run in runs) for what in runs[0]
    )
    rows = [
        ("opened, first time in a process", first, "at most 300 ms", notebook),
        ("opened again", again, "at most 50 ms", notebook),
        ("threshold moved", threshold, "", notebook_threshold),
    ]
    print_table(
        f"Comparison page, server side: {VERSIONS} stored versions on {ROWS:,} rows",
        ("", "Runoff", "promised", "scikit-learn's functions", "times faster"),
        [
            (what, milliseconds(ours), promise, milliseconds(theirs), f"{theirs / ours:.1f}")
            for what, ours, promise, theirs in rows
        ],
    )
    print_table(
        "Comparison page, at the browser: from the event to the paint",
        ("", "Runoff", "promised"),
        [
            ("threshold typed", milliseconds(typed), "at most 100 ms"),
            ("threshold moved by a key", milliseconds(moved), "at most 100 ms"),
        ],
    )


def _in_a_browser(config: Path) -> tuple[float, float]:
    """Seconds from the event until all that is in sight is painted: typed, and moved by a key."""
    others = ",".join(str(number) for number in range(2, VERSIONS + 1))
    with serving(config) as address, visitor() as page:
        page.goto(f"{address}/models/{MODEL}?baseline=1&versions={others}")
        page.wait_for_selector("#comparison-gain .main-svg")
        page.get_by_role("slider", name="Threshold").wait_for()
        page.wait_for_load_state("networkidle")
        typed = median_seconds(page, TYPED, [f"{0.2 + step / 50:.2f}" for step in range(REPEAT)])
        return typed, median_seconds(page, MOVED, ["ArrowRight"] * REPEAT)


def _fill(folder: Path) -> None:
    """Register ten versions, write the test split and its configuration, and score everything once."""
    random = np.random.default_rng(0)
    names = [f"x{number}" for number in range(COLUMNS)]
    frame = pd.DataFrame(random.normal(size=(ROWS, COLUMNS)), columns=names)
    frame["y"] = (frame.sum(axis=1) + random.normal(0, 3, ROWS) > 1).astype(int)
    frame.to_parquet(folder / "test.parquet")
    with quiet_mlflow(folder), redirect_stderr(io.StringIO()):
        for number in range(VERSIONS):
            few = frame.sample(2_000, random_state=number)
            used = names[: 2 + number % (COLUMNS - 1)]
            model = LogisticRegression(C=10.0 ** (number - 6)).fit(few[used], few["y"])
            mlflow.sklearn.log_model(
                model,
                name="model",
                registered_model_name=MODEL,
                input_example=few[used].head(2),
                pip_requirements=["scikit-learn"],
            )
        (folder / "runoff.yaml").write_text(
            json.dumps(
                {
                    "tracking_uri": mlflow.get_tracking_uri(),
                    "models": {MODEL: {"split": {"data": "test.parquet", "target": "y", "positive": 1}}},
                }
            )
        )
    services = _services(folder)
    try:
        comparison = services.comparisons.compare(MODEL, versions=range(1, VERSIONS + 1), baseline=1)
        for compared in comparison.versions:
            state = services.scorer.wait(compared.version, comparison.split, 300)
            if state.status is not Status.SCORED:
                message = f"version {compared.version.number}: {state}"
                raise RuntimeError(message)
    finally:
        services.close()


def _in_a_new_process(folder: Path) -> dict[str, float]:
    """Medians in seconds, as `_measure` prints them."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.comparison_page", str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def _measure(folder: Path) -> None:
    """Everything that is measured in one process, as JSON on the last line."""
    from app import make_web  # noqa: PLC0415 - imports are no part of any figure

    services = _services(folder)
    client = cast("Flask", make_web(services)).test_client()
    wait_until_warm()
    body = _question(client)
    try:
        first = _seconds(lambda: _open(client, body))
        again = statistics.median(_seconds(lambda: _open(client, body)) for _ in range(REPEAT))
        moved = statistics.median(_seconds(partial(_move, client, at)) for at in range(1, REPEAT))
        comparison = services.comparisons.compare(MODEL, versions=range(1, VERSIONS + 1), baseline=1)
        labels = comparison.split.labels
        scores = [services.scorer.scores(one.version, comparison.split) for one in comparison.versions]
    finally:
        services.close()
    notebook = sum(_seconds(partial(_evaluate, labels, one.values)) for one in scores)
    thresholds = sum(_seconds(partial(_decide, labels, one.values >= 0.5)) for one in scores)  # noqa: PD011 - no pandas
    found = {
        "first": first,
        "again": again,
        "moved": moved,
        "notebook": notebook,
        "notebook threshold": thresholds,
    }
    print(json.dumps(found))


def wait_until_warm() -> None:
    """A server imports in the background when it starts, and has done so before it is measured."""
    for thread in threading.enumerate():
        if thread.name == "runoff-warm":
            thread.join()


def _services(folder: Path) -> Any:
    from app import make_services  # noqa: PLC0415 - imports are no part of any figure

    return make_services(folder / "runoff.yaml", None)


def _question(client: FlaskClient) -> dict[str, Any]:
    """What the browser asks when the page opens with ten versions chosen."""
    known = client.get("/_dash-dependencies").get_json()
    show = next(callback for callback in known if "comparison-roc.figure" in callback["output"])
    values = {
        "comparison-baseline": 1,
        "comparison-versions": list(range(2, VERSIONS + 1)),
        "comparison-poll": 1,
        "comparison-threshold": 0.5,
        "comparison-model": MODEL,
        "shell-scheme": "light",
    }

    def filled(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"id": part["id"], "property": part["property"], "value": values.get(part["id"])}
            for part in parts
        ]

    outputs = [name.rpartition(".") for name in show["output"].strip(".").split("...")]
    return {
        "output": show["output"],
        "outputs": [{"id": owner, "property": of} for owner, _, of in outputs],
        "inputs": filled(show["inputs"]),
        "state": filled(show["state"]),
        "changedPropIds": ["comparison-versions.value"],
    }


ACCEPT: Final = {"Accept-Encoding": "gzip, deflate, br, zstd"}  # as Chromium has it


def _open(client: FlaskClient, body: dict[str, Any]) -> None:
    answer = client.post("/_dash-update-component", json=body, headers=ACCEPT)
    if answer.status_code != 200 or len(answer.data) < 50_000:
        message = f"{answer.status}: {answer.data[:200]!r}"
        raise RuntimeError(message)


def _move(client: FlaskClient, step: int) -> None:
    versions = ",".join(str(number) for number in range(2, VERSIONS + 1))
    answer = client.get(f"/models/{MODEL}/at/1/{versions}/{step / REPEAT}", headers=ACCEPT)
    if answer.status_code != 200:
        message = f"{answer.status}: {answer.data[:200]!r}"
        raise RuntimeError(message)


def _evaluate(labels: Any, scores: Any) -> None:
    """What the page shows of one version, by scikit-learn."""
    metrics.roc_curve(labels, scores)
    metrics.precision_recall_curve(labels, scores)
    calibration_curve(labels, scores, n_bins=10)
    metrics.roc_auc_score(labels, scores)
    metrics.average_precision_score(labels, scores)
    metrics.log_loss(labels, scores)
    metrics.brier_score_loss(labels, scores)
    _decide(labels, scores >= 0.5)


def _decide(labels: Any, decisions: Any) -> None:
    """The part of it that moves with the threshold."""
    metrics.confusion_matrix(labels, decisions)
    metrics.accuracy_score(labels, decisions)
    metrics.balanced_accuracy_score(labels, decisions)
    metrics.precision_score(labels, decisions, zero_division=0)
    metrics.recall_score(labels, decisions)
    metrics.recall_score(labels, decisions, pos_label=0)
    metrics.f1_score(labels, decisions)
    metrics.matthews_corrcoef(labels, decisions)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _measure(Path(sys.argv[1]))
    else:
        main()
