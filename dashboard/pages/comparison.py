"""The comparison of a model's versions on its test split."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from dash import dcc, html

from core.messages import message
from dashboard.choice import Baseline, Choice, read
from dashboard.components import states
from dashboard.components.cards import card
from dashboard.components.cells import cell
from dashboard.components.chart import chart
from dashboard.components.differing_card import differing_card
from dashboard.components.memo_links import memo_links
from dashboard.components.model_history import model_history
from dashboard.components.notices import notices
from dashboard.components.promotion_panel import promotion_panel
from dashboard.components.rows_panel import rows_panel
from dashboard.components.scale_switch import scale_switch
from dashboard.components.threshold_bar import threshold_bar
from dashboard.components.trend_card import trend_card
from dashboard.messages import _
from dashboard.pages import Address

PATH = "/models/<name>"
TITLE = message("{name} · comparison")
SCORING_SECONDS: Final = 0.7  # between two looks while something is being scored


class Ids(StrEnum):
    """Elements of the page."""

    MODEL = "comparison-model"  # data: the model's name
    SPLIT = "comparison-split"
    DETECTABLE = "comparison-detectable"  # what the split can show at all
    VERDICTS = "comparison-verdicts"
    CARDS = "comparison-cards"  # data: the candidates' cards before anything is judged
    TERMS = "comparison-terms"  # on what terms candidates are judged
    BASELINE = "comparison-baseline"
    VERSIONS = "comparison-versions"
    TOKENS = "comparison-tokens"
    PROBLEMS = "comparison-problems"  # what the address asks for and cannot be read
    MISSING = "comparison-missing"  # what it asks for and does not exist
    NOTICES = "comparison-notices"
    STATES = "comparison-states"
    PANELS = "comparison-panels"
    METRICS = "comparison-metrics"
    DELTAS = "comparison-deltas"
    NUMBERS = "comparison-numbers"
    MODE = "comparison-mode"  # what is the same for all versions
    TARGET = "comparison-target"  # of the modes in which each version has a threshold of its own
    TARGET_BOX = "comparison-target-box"
    THRESHOLD = "comparison-threshold"
    THRESHOLD_BOX = "comparison-threshold-box"
    SHARES = "comparison-shares"
    ROC = "comparison-roc"
    PR = "comparison-pr"
    CALIBRATION = "comparison-calibration"
    CALIBRATION_NOTE = "comparison-calibration-note"
    GAIN = "comparison-gain"
    LIFT = "comparison-lift"
    CONFUSION = "comparison-confusion"
    MOVED = "comparison-moved"  # data: what dashboard/moved.py made for it
    DRAWN = "comparison-drawn"  # data: the key of what the panels show
    ADDRESS = "comparison-address"
    ACT = "comparison-act"  # data: the version to score, to try again or to stop scoring
    POLL = "comparison-poll"
    DOWNLOAD = "comparison-download"


_BAR: Final = {
    "mode": Ids.MODE,
    "slider": Ids.THRESHOLD,
    "box": Ids.THRESHOLD_BOX,
    "target": Ids.TARGET,
    "target_box": Ids.TARGET_BOX,
    "shares": Ids.SHARES,
}


def remove_id(version: object) -> dict[str, Any]:
    """The button that takes a candidate out."""
    return {"type": "comparison-remove", "version": version}


def data_id(name: object) -> dict[str, Any]:
    """The button that downloads the numbers of a chart."""
    return {"type": "comparison-data", "chart": name}


def layout(address: Address) -> Any:
    """Everything but what the store and the scores say; the controls hold what the address asks for."""
    name = address.names["name"]
    choice, problems = read(address.query)
    head = [
        html.H1(name, className="model-name"),
        html.Span(id=Ids.SPLIT, className="chip", hidden=True),
        html.Span(id=Ids.DETECTABLE, className="chip detectable"),
        memo_links(name),
    ]
    return html.Div(
        [
            dcc.Store(id=Ids.MODEL, data=name),
            *(dcc.Store(id=store) for store in (Ids.MOVED, Ids.DRAWN, Ids.ADDRESS, Ids.CARDS, Ids.ACT)),
            dcc.Download(id=Ids.DOWNLOAD),
            states.poll(Ids.POLL, seconds=SCORING_SECONDS),
            html.Div(head, className="page-head"),
            _picker(choice),
            html.Div(notices([_(problem) for problem in problems]), id=Ids.PROBLEMS),
            html.Div(id=Ids.MISSING),
            html.Div(id=Ids.VERDICTS, className="verdicts"),
            html.P(id=Ids.TERMS, className="card-note verdict-terms", role="status"),
            promotion_panel(name),
            html.Div(id=Ids.NOTICES),
            html.Div(states.loading(_("Reading the registry…")), id=Ids.STATES, className="scoring-states"),
            html.Div(_panels(choice), id=Ids.PANELS, className="panels", hidden=True),
            differing_card(),
            trend_card(),
            model_history(name),
        ],
        className="comparison",
    )


def _picker(choice: Choice) -> Any:
    """Both dropdowns; their first options are but the values, or the dropdowns would drop these."""
    versions = list(choice.versions or ())
    baseline = dcc.Dropdown(
        id=Ids.BASELINE,
        options=[{"label": _baseline_name(choice.baseline), "value": choice.baseline}],
        value=choice.baseline,
        clearable=False,
        labels=_dropdown_labels(),
        search_order="original",  # the server's: the number that was typed comes first
    )
    candidates = dcc.Dropdown(
        id=Ids.VERSIONS,
        options=[{"label": f"v{number}", "value": number} for number in versions],
        value=None if choice.versions is None else versions,
        multi=True,
        clearable=False,
        placeholder=_("+ add version"),
        labels=_dropdown_labels(),
        search_order="original",  # the server's: the number that was typed comes first
    )
    return html.Div(
        [
            html.Div(baseline, className="picker-baseline", role="group", **{"aria-label": _("Baseline")}),
            html.Span(_("compared with"), className="note"),
            html.Ul(id=Ids.TOKENS, className="tokens"),
            html.Div(
                candidates,
                className="picker-candidates",
                role="group",
                style={"--add": f'"{_("+ add version")}"'},
                **{"aria-label": _("Candidates")},
            ),
        ],
        className="picker",
    )


def _baseline_name(baseline: Baseline) -> str:
    return "Production" if isinstance(baseline, str) else f"v{baseline}"


def _dropdown_labels() -> dict[str, str]:
    return {
        "search": _("Search"),
        "clear_search": _("Clear the search"),
        "clear_selection": _("Clear the selection"),
        "no_options_found": _("No version matches"),
        "selected_count": "",
    }


def _panels(choice: Choice) -> Sequence[Any]:
    point = [cell("rows"), " · ", _("point: threshold"), " ", cell("threshold")]
    metrics = chart(
        Ids.METRICS,
        _("Metrics"),
        label=_("Metrics of each version as bars; the table beside them has the numbers"),
        data=data_id("metrics"),
        note=[cell("rows"), " · ", _("threshold"), " ", cell("threshold")],
        below=html.P(cell("reasons"), className="card-note"),
        height=340,
        is_wide=True,
    )
    differences = chart(
        Ids.DELTAS,
        _("Difference to the baseline"),
        label=_("Differences of each candidate to the baseline with their intervals, a row for each metric"),
        data=data_id("deltas"),
        note=_("filled: zero is outside"),
        aside=scale_switch(),
        height=340,
    )
    numbers = card(
        _("Numbers"),
        html.Div(
            id=Ids.NUMBERS, className="scroll", tabIndex=0, role="group", **{"aria-label": _("Numbers")}
        ),
        note=_("difference to the baseline; below each its interval"),
    )
    curves = [
        chart(
            Ids.ROC,
            "ROC",
            label=_("ROC curve of each version with its point at the threshold"),
            data=data_id("roc"),
            note=point,
        ),
        chart(
            Ids.PR,
            _("Precision-recall"),
            label=_("Precision against recall of each version with its point at the threshold"),
            data=data_id("pr"),
            note=cell("rows"),
        ),
        chart(
            Ids.CALIBRATION,
            _("Calibration"),
            label=_("Share of positives against the mean score of each version"),
            data=data_id("calibration"),
            note=cell("rows"),
            below=html.P(id=Ids.CALIBRATION_NOTE, className="card-note"),
        ),
        chart(
            Ids.GAIN,
            _("Gain"),
            label=_("Share of positives found against share of rows called positive, of each version"),
            data=data_id("gain"),
            note=point,
        ),
        chart(
            Ids.LIFT,
            _("Lift"),
            label=_("Lift of each version against the share of rows called positive"),
            data=data_id("lift"),
            note=cell("rows"),
        ),
    ]
    confusion = card(
        _("Confusion"),
        html.Div(id=Ids.CONFUSION, className="confusions"),
        note=[
            cell("rows"),
            " · ",
            _("threshold"),
            " ",
            cell("threshold"),
            " · ",
            _("change against the baseline, share of the actual label"),
        ],
    )
    return [
        html.Div([metrics, differences], className="metrics-row"),
        numbers,
        threshold_bar(_BAR, choice),
        html.Div(curves, className="multiples"),
        confusion,
        rows_panel(),
    ]
