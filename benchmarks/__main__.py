"""Every benchmark in turn: `make bench`."""

import os
import platform

from benchmarks import (
    catalog,
    certainty,
    comparison_page,
    evaluation,
    evaluation_metrics,
    memory,
    promotion,
    run_pages,
    runs,
)


def main() -> None:
    """Name the machine, then print each table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    for benchmark in (
        evaluation_metrics,
        evaluation,
        comparison_page,
        certainty,
        memory,
        catalog,
        promotion,
        runs,
        run_pages,
    ):
        benchmark.main()


if __name__ == "__main__":
    main()
