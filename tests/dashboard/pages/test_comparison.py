import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.catalog.store import Version
from core.errors import NotFound, RunoffError, ScoringError, SplitError, SplitNotConfigured, StoreUnreachable
from core.evidence.comparison import Comparison, ScoringState, Status
from core.messages import message
from dashboard.choice import Choice
from dashboard.components.version_options import Listing
from dashboard.messages import LANGUAGES, Reader, reader
from dashboard.pages import Address
from dashboard.pages import comparison as page
from dashboard.pages.comparison import Ids
from dashboard.pages.comparison_view import (
    View,
    build_view,
    failed_view,
    no_split_view,
    no_versions_view,
)
from dashboard.theme import Scheme
from tests.dashboard.comparing import make_comparison, make_scores, make_split, make_version

HOSTILE = "<script>alert(1)</script>\n“x” {y}"


@pytest.fixture(params=LANGUAGES, autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    token = reader.set(Reader(request.param))
    yield request.param
    reader.reset(token)


def components(part: Any) -> Iterator[Any]:
    """A component and all below it."""
    if isinstance(part, list | tuple):
        for inner in part:
            yield from components(inner)
    elif hasattr(part, "_prop_names"):
        yield part
        yield from components(getattr(part, "children", None))


def texts(part: Any) -> str:
    """Everything that stands in a part of the page."""
    if isinstance(part, str | int):
        return str(part)
    if isinstance(part, list | tuple):
        return " ".join(texts(inner) for inner in part)
    return texts(part.children) if getattr(part, "children", None) is not None else ""


def ids(part: Any) -> set[Any]:
    found = (getattr(component, "id", None) for component in components(part))
    return {str(name) for name in found if name is not None}


def listing(*numbers: int, production: int | None = None) -> Listing:
    versions: list[Version] = [make_version(number) for number in sorted(numbers, reverse=True)]
    return Listing(shown=versions, production=production)


def view_of(comparison: Comparison, *, drawn: object = None, scheme: Scheme = Scheme.LIGHT) -> View:
    numbers = [compared.version.number for compared in comparison.versions]
    candidates = tuple(number for number in numbers if number != comparison.baseline)
    return build_view(
        comparison,
        listing(*numbers, production=comparison.baseline),
        Choice(versions=candidates, threshold=comparison.threshold),
        scheme=scheme,
        drawn=drawn,
    )


def test_the_layout_holds_what_the_address_asks_for() -> None:
    address = Address(
        path="/models/x",
        names={"name": HOSTILE},
        query={"baseline": "3", "versions": "5,4", "threshold": "0.25"},
    )
    parts = {
        str(part.id): part
        for part in components(page.layout(address))
        if getattr(part, "id", None) is not None
    }
    assert parts[Ids.MODEL].data == HOSTILE
    assert parts[Ids.BASELINE].value == 3
    assert parts[Ids.VERSIONS].value == [4, 5]
    assert parts[Ids.THRESHOLD].value == parts[Ids.THRESHOLD_BOX].value == 0.25
    assert {str(name) for name in Ids} <= set(parts)
    values = [option["value"] for option in parts[Ids.VERSIONS].options]
    assert values == [4, 5]  # a dropdown drops values that are no options


def test_an_address_that_makes_no_sense_is_explained() -> None:
    address = Address(path="/models/x", names={"name": "x"}, query={"threshold": HOSTILE, "versions": "a"})
    assert HOSTILE in texts(page.layout(address))


def test_every_graph_has_its_data_one_click_away() -> None:
    layout = page.layout(Address(path="/models/x", names={"name": "x"}))
    graphs = [
        part
        for part in components(layout)
        if type(part).__name__ == "Graph" and str(part.id).startswith("comparison-")
    ]
    buttons = [part for part in components(layout) if "comparison-data" in str(getattr(part, "id", ""))]
    assert len(graphs) == len(buttons) == 7
    assert all(graph.config["showSendToCloud"] is False for graph in graphs)


def test_a_comparison_is_drawn_once() -> None:
    comparison = make_comparison([1, 2, 3], baseline=2)
    first = view_of(comparison)
    assert first.drawing is not None
    assert first.seconds is None
    again = view_of(comparison, drawn=first.drawing.key)
    assert again.drawing is None
    assert again.is_drawn
    other_threshold = make_comparison([1, 2, 3], baseline=2, threshold=0.9)
    assert view_of(other_threshold, drawn=first.drawing.key).drawing is None
    assert view_of(comparison, drawn=first.drawing.key, scheme=Scheme.DARK).drawing is not None
    assert view_of(make_comparison([1, 2], baseline=2), drawn=first.drawing.key).drawing is not None


def test_candidates_have_a_token_and_the_baseline_none() -> None:
    view = view_of(make_comparison([1, 2, 3], baseline=2))
    assert view.picker is not None
    assert view.picker.versions == [1, 3]
    assert [str(number) in texts(token) for number, token in zip((1, 3), view.picker.tokens, strict=True)]
    assert len(view.picker.tokens) == 2


@pytest.mark.parametrize(
    ("state", "action", "asks_again"),
    [
        (ScoringState(status=Status.SCORING, seconds=3.0), "cancel", True),
        (ScoringState(status=Status.WAITING, seconds=3.0), "cancel", True),
        (ScoringState(status=Status.NOT_SCORED), "score", False),
        (ScoringState(status=Status.FAILED, error=ScoringError(message("Broken."))), "again", False),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_a_version_without_scores_is_shown_with_what_can_be_done(
    *, state: ScoringState, action: str, asks_again: bool
) -> None:
    view = view_of(make_comparison([1, 2, 3], baseline=1, states={3: state}))
    (button,) = [part for part in components(view.state) if type(part).__name__ == "Button"]
    assert json.loads(getattr(button, "data-pressed")) == {"version": 3, "action": action}
    assert getattr(button, "data-press") == "comparison-act"
    assert "v3" in texts(view.state)
    assert view.drawing is not None  # what is scored is shown meanwhile
    assert (view.seconds is not None) == asks_again


def test_where_nothing_is_scored_yet_there_are_no_panels() -> None:
    scoring = ScoringState(status=Status.SCORING)
    view = view_of(make_comparison([1, 2], baseline=1, states={1: scoring, 2: scoring}))
    assert view.drawing is None
    assert not view.is_drawn
    assert view.seconds is not None


def test_a_failure_is_text_whatever_it_holds() -> None:
    error = ScoringError(message("The model raised {what}", what=HOSTILE), message("Look at its code."))
    failed = ScoringState(status=Status.FAILED, error=error)
    view = view_of(make_comparison([1, 2], baseline=1, states={2: failed}))
    assert HOSTILE in texts(view.state)


def test_notes_of_the_scoring_are_badges() -> None:
    split = make_split()
    scores = {2: make_scores(split, 2, notes=[message("trained with scikit-learn {one}", one="1.8.0")])}
    view = view_of(make_comparison([1, 2], split=split, baseline=1, scores=scores))
    assert "v2: trained with scikit-learn 1.8.0" in texts(view.notices)


def test_without_production_the_reader_is_asked_for_a_baseline() -> None:
    view = view_of(make_comparison([1, 2]))
    assert view.drawing is not None
    assert texts(view.notices)
    assert "comparison-numbers" in view.drawing.moved["elements"]


def test_without_a_split_the_lines_to_add_are_there_to_copy() -> None:
    lines = "models:\n  x:\n    split: …\n"
    view = no_split_view(
        SplitNotConfigured(message("No split.")),
        listing(1, 2),
        Choice(versions=(1,)),
        scheme=Scheme.LIGHT,
        lines=lines,
    )
    assert lines in texts(view.state)
    (button,) = [part for part in components(view.state) if type(part).__name__ == "Button"]
    assert getattr(button, "data-copy") == lines
    assert view.picker is not None


def test_a_split_that_cannot_be_read_says_why() -> None:
    error = SplitError(message("No column {name}.", name=HOSTILE), message("Name another."))
    view = no_split_view(error, listing(1), Choice(versions=()), scheme=Scheme.LIGHT)
    assert HOSTILE in texts(view.state)
    assert view.drawing is None


@pytest.mark.parametrize(
    ("error", "asks_again"),
    [
        (StoreUnreachable(message("Away.")), True),
        (NotFound(message("No model {name}.", name=HOSTILE)), False),
    ],
)
def test_the_page_waits_for_a_store_but_not_for_a_model(*, error: RunoffError, asks_again: bool) -> None:
    view = failed_view(error)
    assert (view.seconds is not None) == asks_again
    assert any(getattr(part, "href", "") == "/" for part in components(view.state))


def test_a_model_without_versions_says_how_to_register_one() -> None:
    assert repr(HOSTILE) in texts(no_versions_view(HOSTILE).state)
