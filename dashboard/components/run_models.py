"""Models that a run logged: what they are, how to load them, and the versions made from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from dash import dcc, html

from core.catalog.mlmodel import Column, ModelCard
from core.catalog.store import LoggedModel, Version
from core.errors import RunoffError
from dashboard.components import states
from dashboard.components.copying import copy_button
from dashboard.messages import _, _n
from dashboard.theme import integer, moment
from looks.language import translate

MOST_COLUMNS: Final = 30  # of a signature that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A model with its card, or why there is none; None: it was not read."""

    model: LoggedModel
    card: ModelCard | RunoffError | None = None
    versions: Sequence[Version] = ()


def comparison(version: Version) -> str:
    """The comparison page with the version as a candidate."""
    return f"/models/{quote(version.model, safe='')}?versions={version.number}"


def models(found: Sequence[Shown], run_id: str, *, tracking_uri: str) -> Any:
    """All models of a run, each in a frame; `tracking_uri` has no secret in it."""
    if not found:
        hint = html.P(_("Log one where you train:"))
        code = 'mlflow.sklearn.log_model(model, name="model")'
        return states.empty(_("This run logged no model."), hint, states.command(code))
    return html.Div([_model(shown, run_id, tracking_uri) for shown in found], className="run-models")


def snippet(model: LoggedModel, tracking_uri: str) -> str:
    """Python that loads the model where MLflow is installed; no secret stands in it."""
    lines = [
        "import mlflow",
        "",
        f"mlflow.set_tracking_uri({tracking_uri!r})",
        f"model = mlflow.pyfunc.load_model({model.uri!r})",
    ]
    return "\n".join(lines)


def of_model(versions: Sequence[Version], model: LoggedModel) -> tuple[Version, ...]:
    """The versions whose source is the model, by whichever of its addresses."""
    return tuple(version for version in versions if version.source in {model.uri, model.location})


def _model(shown: Shown, run_id: str, tracking_uri: str) -> Any:
    model = shown.model
    code = snippet(model, tracking_uri)
    said = _("Copy the code")
    return html.Article(
        [
            html.H3([model.name, *_state(model)]),
            html.Dl([*_addresses(model, run_id), *_facts(shown)], className="run-facts"),
            html.Div(
                [states.command(code), copy_button(code, shown=_("copy"), label=said)], className="run-code"
            ),
        ],
        className="run-model",
    )


def _state(model: LoggedModel) -> list[Any]:
    if model.status == "READY":
        return []
    return [html.Span(f" {model.status}", className="run-warned")]


def _addresses(model: LoggedModel, run_id: str) -> list[Any]:
    uris = [model.uri, *([f"runs:/{run_id}/{model.name}"] if model.id else [])]
    return [_fact(_("Address"), [html.Div(_copied(uri)) for uri in uris])]


def _facts(shown: Shown) -> list[Any]:
    made = moment(shown.model.created)
    rows = [_fact(_("Logged"), made)] if made else []
    if isinstance(shown.card, RunoffError):
        rows.append(_fact(_("Signature"), html.Span(shown.card.read(translate), className="run-warned")))
    elif shown.card is not None:
        rows += _card(shown.card)
    links = [
        dcc.Link(_("v{number} of {name}", number=v.number, name=v.model), href=comparison(v))
        for v in shown.versions
    ]
    told: Any = html.Ul([html.Li(link) for link in links]) if links else _("none yet")
    rows.append(_fact(_("Versions"), told))
    return rows


def _card(card: ModelCard) -> list[Any]:
    rows = [_fact(_("Flavors"), ", ".join(card.flavors))]
    if card.inputs is not None:
        rows.append(_fact(_("Inputs"), _columns(card.inputs)))
    else:
        rows.append(
            _fact(_("Inputs"), html.Code(card.raw_inputs[:500]) if card.raw_inputs else _("no signature"))
        )
    if card.outputs:
        rows.append(_fact(_("Outputs"), html.Code(card.outputs[:500])))
    if card.size_bytes is not None:
        rows.append(_fact(_("Size"), _("{kilobytes} kB", kilobytes=integer(-(-card.size_bytes // 1_000)))))
    if card.mlflow_version:
        rows.append(_fact("MLflow", card.mlflow_version))
    return rows


def _columns(columns: Sequence[Column]) -> Any:
    named = [f"{one.name}: {one.type}{'' if one.required else '?'}" for one in columns]
    shown = html.Code(", ".join(named[:MOST_COLUMNS]))
    if len(named) <= MOST_COLUMNS:
        return shown
    summary = html.Summary(_n("{count} column", "{count} columns", len(named)))
    return html.Details([summary, html.Code(", ".join(named[:5_000]))])


def _fact(title: str, value: Any) -> Any:
    return html.Div([html.Dt(title), html.Dd(value)])


def _copied(text: str) -> list[Any]:
    return [
        html.Code(text, className="mono"),
        " ",
        copy_button(text, shown=_("copy"), label=_("Copy {text}", text=text)),
    ]


def options(found: Sequence[LoggedModel]) -> Sequence[Mapping[str, str]]:
    """Models for a dropdown."""
    return [{"label": f"{model.name} ({model.id or model.path})", "value": model.uri} for model in found]
