from typing import Any

import pytest

from core.catalog.store import Experiment, Run, RunPage
from core.errors import FilterError, StoreUnreachable
from core.messages import message
from dashboard.pages import Address
from dashboard.pages.runs import Ids, build_view, count, empty_view, failed_view, layout, refused_view

EXPERIMENTS = (Experiment(id="1", name="titanic"), Experiment(id="0", name="Default"))


def run(number: int) -> Run:
    return Run(id=f"r{number}", name=f"run {number}", experiment_id="1", status="FINISHED")


def shown(page: RunPage, filter_text: str = "") -> Any:
    return build_view(EXPERIMENTS, experiment="1", filter_text=filter_text, page=page, chosen=["r1", "gone"])


def find(component: Any, wanted: str) -> Any:
    return next(item for item in component._traverse() if getattr(item, "id", None) == wanted)


def test_the_address_fills_the_controls() -> None:
    page = layout(
        Address(path="/runs", query={"experiment": "7", "filter": "metrics.a > 1", "runs": "a,b,,"})
    )

    assert find(page, Ids.EXPERIMENT).value == "7"
    assert find(page, Ids.FILTER).value == "metrics.a > 1"
    assert find(page, Ids.CHOSEN).data == ["a", "b"]


def test_a_table_with_the_chosen_runs_ticked() -> None:
    view = shown(RunPage((run(0), run(1)), more=False))

    assert view.options == [{"label": "titanic", "value": "1"}, {"label": "Default", "value": "0"}]
    assert view.content.selectedRows == {"ids": ["r1"]}
    assert (view.count, view.more, view.again) == ("2 runs", None, False)


def test_the_rest_of_a_long_list_is_asked_for() -> None:
    view = shown(RunPage((run(0),), more=True), "params.a = '1'")

    assert view.more == {"experiment": "1", "filter": "params.a = '1'"}
    assert view.count == "the newest 1 run, more on their way…"


def test_a_list_beyond_the_limit_says_so() -> None:
    assert count(RunPage(tuple(map(run, range(10_000))), more=True)).startswith(
        "the newest 10,000 runs; narrow"
    )


@pytest.mark.parametrize(
    ("filter_text", "said"), [("", "This experiment has no runs yet."), ("x", "No run matches the filter.")]
)
def test_nothing_to_show_says_why(filter_text: str, said: str) -> None:
    view = shown(RunPage((), more=False), filter_text)

    assert said in str(view.content)
    assert view.count == ""


def test_a_wrong_filter_is_explained_beside_the_box_and_not_asked_again() -> None:
    view = refused_view(EXPERIMENTS, "1", FilterError(message("It is wrong."), message("Write it so.")))

    assert "It is wrong." in str(view.filter_state)
    assert "Write it so." in str(view.filter_state)
    assert not view.again


def test_a_store_that_is_down_is_asked_again() -> None:
    assert failed_view(StoreUnreachable(message("Nobody answers."))).again


def test_a_store_without_runs_says_how_to_log_one() -> None:
    assert 'mlflow.set_tracking_uri("http://x")' in str(empty_view("http://x").content)
