"""What stands around every page: header, navigation, alerts, language and theme."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from dash import dcc, html

from core.errors import RunoffError
from dashboard.components import states
from dashboard.components.cards import icon
from dashboard.messages import LANGUAGES, _, reader


class Ids(StrEnum):
    """Elements of the shell; pages use SCHEME."""

    LOCATION = "shell-location"
    NAV = "shell-nav"
    STORE = "shell-store"
    STORE_POLL = "shell-store-poll"
    LANGUAGE = "shell-language"
    THEME = "shell-theme"
    SCHEME = "shell-scheme"  # data: "light" or "dark", as the page looks now
    ALERTS = "shell-alerts"
    OFFLINE = "shell-offline"
    MAIN = "shell-main"
    PAGE = "shell-page"
    TITLE = "shell-title"  # data: the tab's title, and the path of the page that is shown


def layout(store_address: str) -> Any:
    """The frame; the page comes into it by address."""
    return html.Div(
        [
            dcc.Location(id=Ids.LOCATION, refresh=False),
            dcc.Store(id=Ids.SCHEME),
            dcc.Store(id=Ids.TITLE),
            states.poll(Ids.STORE_POLL),
            html.A(_("Skip to the content"), href=f"#{Ids.MAIN}", className="skip"),
            _header(store_address),
            html.Main(
                [
                    _offline(),
                    html.Div(id=Ids.ALERTS, className="alerts", **{"aria-live": "assertive"}),
                    html.Div(states.loading(), id=Ids.PAGE),
                ],
                id=Ids.MAIN,
                tabIndex=-1,
            ),
        ],
        className="shell",
    )


def _offline() -> Any:
    """Shown by assets/shell.js while Runoff itself does not answer; who is not there cannot say so."""
    text = _("Runoff does not answer. This page goes on by itself when it does.")
    return html.Div(
        [icon("exclamation-triangle"), html.Strong(text)],
        id=Ids.OFFLINE,
        className="alert-box",
        role="alert",
        hidden=True,
    )


def _header(store_address: str) -> Any:
    other = next(language for language in LANGUAGES if language != reader.get().language)
    theme = _("Switch between the light and the dark theme")
    return html.Header(
        [
            dcc.Link("Runoff", href="/", className="brand"),
            html.Nav(navigation("/"), id=Ids.NAV, **{"aria-label": _("Pages")}),
            html.Div(
                [
                    html.Span(store(store_address), id=Ids.STORE),
                    html.Button(
                        LANGUAGES[other],
                        id=Ids.LANGUAGE,
                        type="button",
                        className="quiet",
                        lang=other,
                        **{"data-language": other},
                    ),
                    html.Button(
                        [icon("moon"), icon("sun")],
                        id=Ids.THEME,
                        type="button",
                        className="quiet",
                        title=theme,
                        **{"aria-label": theme},
                    ),
                ],
                className="header-end",
            ),
        ],
        className="header",
    )


def navigation(path: str) -> Sequence[Any]:
    """Links to the pages, the one that the reader is in marked; a model belongs to the models."""
    models = path == "/" or path.startswith("/models")
    return [
        _nav_link(_("Models"), "/", here=models),
        _nav_link(_("Runs"), "/runs", here=path.startswith("/runs")),
        _nav_link(_("History"), "/history", here=path.startswith("/history")),
    ]


def _nav_link(text: str, href: str, *, here: bool) -> Any:
    # dcc.Link takes no aria-current, so the place is said in words as well as shown
    said = html.Span(_("(you are here)"), className="visually-hidden") if here else None
    return dcc.Link([text, said], href=href, className="nav-here" if here else "")


def store(address: str, error: RunoffError | None = None, *, asked: bool = False) -> Sequence[Any]:
    """The store's address, and a dot that says whether it answers once it was asked."""
    if not asked:
        state, said = "unknown", _("The store has not answered yet")
    elif error is None:
        state, said = "up", _("The store answers")
    else:
        state, said = "down", _(error.title)
    return [
        icon("database"),
        html.Span(address, className="store-address", title=address),
        html.Span(className=f"dot dot-{state}", title=said),
        html.Span(said, className="visually-hidden"),
    ]


def missing() -> Any:
    """The page of an address that has none."""
    return html.Div(
        [
            html.H1(_("There is no such page")),
            html.P([_("The address may be mistyped."), " ", dcc.Link(_("All models"), href="/")]),
        ]
    )
