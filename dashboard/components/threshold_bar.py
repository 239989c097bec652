"""Where versions are operated: at one threshold, or each at its own; and what that means in rows."""

from collections.abc import Mapping
from typing import Any, Final

from dash import dcc, html

from core.evidence.operating_points import MOST_RATIO, Mode
from core.messages import Message, message
from dashboard.choice import Choice
from dashboard.components.dropdown import words
from dashboard.messages import _

STEP = 0.001
_MODES: Final[Mapping[Mode, Message]] = {
    Mode.THRESHOLD: message("same threshold"),
    Mode.RECALL: message("same recall"),
    Mode.ALERTS: message("same share of alerts"),
    Mode.COST: message("least cost"),
}
_TARGETS: Final[Mapping[Mode, Message]] = {
    Mode.RECALL: message("recall, at least"),
    Mode.ALERTS: message("rows called positive, at most"),
    Mode.COST: message("false alarms that cost as much as one missed positive"),
}


def threshold_bar(ids: Mapping[str, str], choice: Choice) -> Any:
    """One row of controls. `ids` are those of mode, slider, box, target, target_box and shares.

    assets/comparison.css shows what belongs to the mode; `shares` is filled when versions are there.
    """
    said = _("Threshold: a row is called positive from this score on")
    return html.Section(
        [
            html.H2(html.Label(_("Threshold"), htmlFor=ids["box"]), className="card-title"),
            _mode(ids["mode"], choice.mode),
            _slider(ids["slider"], said, choice.threshold, "of-threshold"),
            _slider(ids["target"], _("Target of all versions"), choice.target or 0, "of-target"),
            *(
                html.Label(_(text), htmlFor=ids["target_box"], className="note", **{"data-of": mode.value})
                for mode, text in _TARGETS.items()
            ),
            _box(ids["box"], choice.threshold, 0, 1),
            html.Div(_box(ids["target_box"], choice.target, 0, MOST_RATIO), className="of-target"),
            html.Div(
                [html.Span(_("called positive")), html.Div(id=ids["shares"], className="threshold-each")],
                className="threshold-shares",
            ),
        ],
        className="box threshold",
        **{"aria-label": _("Threshold"), "data-mode": choice.mode.value},
    )


def _mode(mode_id: str, mode: Mode) -> Any:
    chosen = dcc.Dropdown(
        id=mode_id,
        options=[{"label": _(text), "value": one.value} for one, text in _MODES.items()],
        value=mode.value,
        clearable=False,
        searchable=False,
        labels=words(),
    )
    named = {"aria-label": _("What is the same for all versions")}
    return html.Div(chosen, className="threshold-mode", role="group", **named)


def _slider(slider_id: str, said: str, value: float, name: str) -> Any:
    slider = dcc.Slider(
        id=slider_id,
        min=0,
        max=1,
        step=STEP,
        value=min(value, 1),
        marks=None,
        included=False,
        updatemode="drag",
        allow_direct_input=False,
    )
    # dcc.Slider takes no label; assets/comparison.js puts it there
    return html.Div(slider, className=f"threshold-slider {name}", **{"data-label": said})


def _box(box_id: str, value: float | None, low: float, high: float) -> Any:
    return dcc.Input(
        id=box_id,
        type="number",
        min=low,
        max=high,
        step="any",
        value=value,
        debounce=True,  # until Enter or the end; arrows: assets/comparison.js
        className="form-control threshold-box",
    )
