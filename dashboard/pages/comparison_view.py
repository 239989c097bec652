"""What the comparison page says and shows, from core values alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import dcc, html

from core.errors import NotFound, RunoffError, StoreError
from core.evidence.comparison import ComparedVersion, Comparison, Status
from core.evidence.judgement import Judgement
from core.messages import Message
from dashboard import judged
from dashboard.choice import Baseline, Choice
from dashboard.components import states
from dashboard.components.copying import copy_button
from dashboard.components.elements import Element
from dashboard.components.notices import notices
from dashboard.components.press import press
from dashboard.components.scoring_state import scoring_state
from dashboard.components.split_chip import split_chip
from dashboard.components.verdict_cards import waiting_cards
from dashboard.components.version_options import Listing, Option, baseline_options, candidate_options
from dashboard.components.version_token import swatch, token
from dashboard.marks import Mark, marks
from dashboard.messages import _, _n
from dashboard.pages.comparison import SCORING_SECONDS, Ids, remove_id
from dashboard.pages.comparison_drawing import Drawing, draw, drawing_key
from dashboard.theme import Scheme

STORE_SECONDS: Final = 4.0  # between two questions while the store is away
_UNDER_WAY: Final = frozenset({Status.SCORING, Status.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picker:
    """The dropdowns and the tokens; `key` says what they were made from."""

    key: str
    baseline: Baseline
    baseline_options: Sequence[Option]
    versions: Sequence[int]
    version_options: Sequence[Option]
    tokens: Sequence[Any]
    search: str  # the address's query


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows.

    `picker` None leaves the controls as they are. Without a `drawing` the panels are hidden, unless
    `is_drawn` says that they show the right thing already.
    """

    picker: Picker | None = None
    split: Sequence[Any] = ()
    detectable: str | None = None  # None: it comes with the verdicts
    cards: Sequence[Element] = ()  # of candidates, before anything is judged
    missing: Any = None  # what was asked for and is not there
    notices: Any = None
    state: Sequence[Any] = ()
    drawing: Drawing | None = None
    is_drawn: bool = False
    seconds: float | None = None  # ask again after so long


def build_view(
    comparison: Comparison,
    listing: Listing,
    choice: Choice,
    *,
    scheme: Scheme,
    missing: Sequence[Message] = (),
    drawn: object = None,
    judgement: Judgement | None = None,
) -> View:
    """The comparison, as far as its versions are scored.

    `missing` are sentences about what was chosen and is not there, `drawn` is the key of the drawing that
    the page has: it is not sent again. `judgement` is given where no version is scored yet.
    """
    compared = comparison.versions
    look = picked_marks(listing, choice)
    has_scores = any(one.evaluation is not None for one in compared)
    is_drawn = has_scores and drawing_key(comparison, look, scheme) == drawn
    return View(
        picker=build_picker(listing, choice, scheme),
        split=split_chip(comparison.split),
        detectable=None if judgement is None else judged.detectable(comparison, judgement),
        cards=waiting_cards(comparison, look, scheme),
        missing=notices([_(sentence) for sentence in missing]),
        notices=notices([*_without_baseline(comparison), *_badges(compared)]),
        state=[
            _progress(compared),
            *(_state(one, look, scheme) for one in compared if one.evaluation is None),
        ],
        drawing=draw(comparison, look, scheme, choice) if has_scores and not is_drawn else None,
        is_drawn=is_drawn,
        seconds=SCORING_SECONDS if any(one.state.status in _UNDER_WAY for one in compared) else None,
    )


def no_versions_view(model: str) -> View:
    """A registered model that nobody has given a version yet."""
    code = f'mlflow.sklearn.log_model(model, name="model", registered_model_name={model!r})'
    said = states.empty(
        _("This model has no version yet."), html.P(_("Register one where you train:")), states.command(code)
    )
    return View(state=[said])


def failed_view(error: RunoffError) -> View:
    """Nothing to compare. Where the store is away, the page asks again until it is back."""
    away = isinstance(error, StoreError) and not isinstance(error, NotFound)
    back = html.P(dcc.Link(_("All models"), href="/"))
    return View(state=[states.failed(error, back, retrying=away)], seconds=STORE_SECONDS if away else None)


def no_split_view(
    error: RunoffError, listing: Listing, choice: Choice, *, scheme: Scheme, lines: str = ""
) -> View:
    """The versions are there and the test split is not; `lines` of YAML would name one."""
    body = []
    if lines:
        copy = copy_button(lines, shown=_("Copy"), label=_("Copy these lines"), class_name="action")
        body = [states.command(lines), copy]
    if not lines:
        return View(picker=build_picker(listing, choice, scheme), state=[states.failed(error)])
    said = states.empty(_(error.title), html.P(_(error.hint)), *body)
    return View(picker=build_picker(listing, choice, scheme), state=[said])


def build_picker(listing: Listing, choice: Choice, scheme: Scheme) -> Picker:
    """The controls for a choice whose versions are all in the listing."""
    baseline = _baseline(listing, choice)
    look = picked_marks(listing, choice)
    listed = {version.number: version for version in listing.shown}
    candidates = [number for number in choice.versions or () if number != baseline]
    newest = max(listed, default=0)
    stages = [(version.number, version.stage, version.aliases) for version in listing.shown]
    return Picker(
        key=f"{scheme} {choice.baseline} {candidates} {listing.production} {newest} {listing.more} {stages}",
        baseline=choice.baseline,
        baseline_options=baseline_options(listing, look, scheme),
        versions=candidates,
        version_options=candidate_options(listing, look, scheme, baseline=baseline),
        tokens=[
            token(
                listed[number],
                listing.label(listed[number], swatch(look[number], scheme)),
                remove=remove_id(number),
            )
            for number in candidates
        ],
        search=choice.search,
    )


def picked_marks(listing: Listing, choice: Choice) -> Mapping[int, Mark]:
    """What each version of a choice looks like."""
    baseline = _baseline(listing, choice)
    numbers = [*(choice.versions or ()), *([] if baseline is None else [baseline])]
    return marks(numbers, listing.production)


def _baseline(listing: Listing, choice: Choice) -> int | None:
    return listing.production if isinstance(choice.baseline, str) else choice.baseline


def _without_baseline(comparison: Comparison) -> Iterator[str]:
    if comparison.baseline is None:
        yield _("No version of this model is in Production: choose a baseline to see differences.")


def _badges(compared: Sequence[ComparedVersion]) -> Iterator[str]:
    """What scoring noted: other library versions than the version was trained with, for one."""
    for one in compared:
        if one.evaluation is not None:
            for said in one.evaluation.notes:
                yield f"v{one.version.number}: {_(said)}"


def _progress(compared: Sequence[ComparedVersion]) -> Any:
    """Said to screen readers, and only when it changes: the seconds beside each version would never end."""
    busy = sum(one.state.status in _UNDER_WAY for one in compared)
    text = _n("{count} version is being scored", "{count} versions are being scored", busy) if busy else ""
    return html.Span(text, className="visually-hidden", role="status")


def _state(one: ComparedVersion, look: Mapping[int, Mark], scheme: Scheme) -> Any:
    number = one.version.number
    return scoring_state(
        f"v{number}",
        one.state,
        color=look[number].color(scheme),
        act=lambda action: press(Ids.ACT, version=number, action=action),
    )
