"""Memory of the process behind the page while ten versions on a million rows are scored and compared.

To hold: at most 1 GB over its size when idle. The scoring processes are not counted: they come and go, each
within its own limit. `python -m benchmarks.memory`
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import yaml

from app import make_services, make_web
from benchmarks.comparison_page import wait_until_warm
from benchmarks.timing import print_table

VERSIONS = 10
ROWS = 1_000_000
MODEL = "logistic regression"
MEGABYTE = 1_000_000


def main() -> None:
    """Print the table, measured in a process that has done nothing else."""
    with tempfile.TemporaryDirectory(prefix="runoff-benchmark-") as folder:
        config = prepare(Path(folder))
        command = [sys.executable, "-m", "benchmarks.memory", str(config)]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    idle, peak, after = json.loads(answer.stdout)
    print_table(
        "Memory of the web process",
        ("compared", "idle", "peak over idle", "over idle afterwards"),
        [
            (
                f"{VERSIONS} versions on {ROWS:,} rows",
                *(f"{size / MEGABYTE:,.0f} MB" for size in (idle, peak - idle, after - idle)),
            )
        ],
    )


def prepare(folder: Path) -> Path:
    """A store with the versions, the rows as Parquet, and the configuration that names both."""
    from benchmarks.evaluation import draw, quiet_mlflow, register  # noqa: PLC0415 - not in the measured process

    with quiet_mlflow(folder) as store:
        for _ in range(VERSIONS):
            register(store, MODEL)
    features, labels = draw(ROWS, seed=1)
    features.assign(label=labels).to_parquet(folder / "rows.parquet")
    config = folder / "runoff.yaml"
    split = {"data": "rows.parquet", "target": "label", "positive": 1}
    content = {
        "tracking_uri": f"sqlite:///{folder}/mlflow.db",
        "data_dir": str(folder / "runoff"),
        "models": {MODEL: {"split": split}},
    }
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    return config


def measure(config: Path) -> tuple[int, int, int]:
    """Resident bytes: idle, at the peak, and afterwards."""
    services = make_services(config, None)
    make_web(services)
    wait_until_warm()
    process = psutil.Process(os.getpid())
    idle = process.memory_info().rss
    numbers = range(1, VERSIONS + 1)
    with watched(process) as peak:
        comparison = services.comparisons.compare(MODEL, versions=numbers)
        for compared in comparison.versions:
            services.scorer.wait(compared.version, comparison.split)
        for threshold in (0.5, 0.3):
            comparison = services.comparisons.compare(MODEL, versions=numbers, threshold=threshold)
        assert all(compared.metrics for compared in comparison.versions)
    after = process.memory_info().rss
    services.close()
    return idle, max(peak), after


@contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """Resident sizes while the block runs, one every few milliseconds."""
    sizes = [process.memory_info().rss]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.005):
            sizes.append(process.memory_info().rss)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield sizes
    finally:
        ended.set()
        watch.join()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
    else:
        main()
