"""One module a page; all have the same anatomy.

    PATH = "/models/<name>"                   a segment in <> matches one percent-encoded segment, decoded
    TITLE = message("{name} · versions")      tab title; the path's names are its values

    class Ids(StrEnum):                       every element id of the page, "<page>-<thing>"
        POLL = "comparison-poll"

    def layout(address: Address) -> Component     static: no store, nothing that can fail. It holds the
                                              h1, every control with its value read from `address.query`,
                                              and states.loading() where the content will be

    @dataclass(frozen=True, slots=True, kw_only=True)
    class View: ...                           what the callback returns, as values

    def build_view(...) -> View               pure: core values in, components and figures out

`callbacks/<page>.py` has `register(app, services)`, thin wiring: parse what the browser sent (anything may
come), one call of `services`, `build_view`, return. A `RunoffError` that belongs to the page is caught and
shown where the content would be (`states.failed`); any other failure travels on to the alert area.

What the shell gives a page's callback (ids in dashboard/shell.py, `Ids`):

- `Input(Ids.SCHEME, "data")`: "light" or "dark"; `Scheme.of(data)`, then `theme.template(scheme)`. A figure
  is drawn for one scheme and drawn anew when it changes.
- `shell_callbacks.remember(app, Ids.ADDRESS)` with `dcc.Store(id=Ids.ADDRESS)` in the page's layout: the
  query that a callback puts into that store's data ("?a=b", or "") stands in the address bar, without a
  navigation.
  The address is read once, by `layout`; after that the controls are the truth.
- A page that must ask again by itself (the store is down, a version is being scored) puts
  `states.poll(Ids.POLL)` into its layout, takes `Input(Ids.POLL, "n_intervals")` and returns
  `states.AGAIN` to the same property to be called once more some seconds later, or `no_update`.
  Never a running interval: an answer slower than the beat would never be shown.

To add a page, add its line to `PAGES` in dashboard/factory.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the reader is: the path as the browser has it, its names decoded, and the query."""

    path: str
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)  # of a key given twice, the last


class Page(Protocol):
    """What the router needs of a page module."""

    PATH: str
    TITLE: Message

    def layout(self, address: Address) -> Any:
        """The static part of the page."""
