"""Histories from a database and from a real tracking server."""

import math

import pytest

from core.catalog import mlflow_run_histories
from core.catalog.mlflow_run_histories import read_histories
from tests.core.catalog.sites import MILLISECONDS, Site

pytestmark = pytest.mark.usefixtures("loaded")


def logged(site: Site, *values: tuple[str, float, int, int]) -> str:
    """A run with these metrics: name, value, step, milliseconds."""
    from mlflow.entities import Metric  # noqa: PLC0415  not before the fixtures have set it up

    run = site.writer.create_run("0")
    site.writer.log_batch(
        run.info.run_id, [Metric(name, value, MILLISECONDS + at, step) for name, value, step, at in values]
    )
    return str(run.info.run_id)


def test_a_history_comes_in_order_of_steps_with_what_is_no_number(site: Site) -> None:
    one = logged(site, ("m", 0.5, 2, 20), ("m", math.nan, 1, 10), ("m", math.inf, 3, 5), ("other", 9.0, 0, 0))
    two = logged(site, ("a/b c.d", -1.5, 0, 0))
    found = site.store().histories([one, two, "0" * 32], "m")

    assert list(found) == [one, two, "0" * 32]
    assert found[one].steps.tolist() == [1, 2, 3]
    assert found[one].times.tolist() == [MILLISECONDS + at for at in (10, 20, 5)]
    assert math.isnan(found[one].values[0])
    assert found[one].values[1:].tolist() == [0.5, math.inf]
    assert [len(found[run].values) for run in (two, "0" * 32)] == [0, 0]
    assert site.store().histories([two], "a/b c.d")[two].values.tolist() == [-1.5]


def test_a_long_history_is_read_in_pages_and_a_very_long_one_as_a_sample(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mlflow_run_histories, "_PAGE", 40)
    monkeypatch.setattr(mlflow_run_histories, "MOST_VALUES", 80)
    monkeypatch.setattr(mlflow_run_histories, "_SAMPLE", 10)
    short, long = (logged(site, *[("m", float(i), i, i) for i in range(count)]) for count in (75, 100))
    found = site.store().histories([short, long], "m")

    assert found[short].values.tolist() == list(range(75))
    assert not found[short].is_sample
    assert found[long].is_sample
    assert len(found[long].steps) in {10, 11}  # a server adds the last one
    assert found[long].steps[0] == 0
    assert found[long].steps[-1] >= 90


def test_a_page_waits_for_some_of_many_runs(site: Site) -> None:
    runs = [logged(site, ("m", 1.0, 0, 0)) for _ in range(2)]
    beats: list[int] = []
    found = read_histories(site.writer, lambda: beats.append(1), runs, "m", seconds=0.0)

    assert list(found) == runs[:1]
    assert beats == [1]
