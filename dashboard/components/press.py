"""Buttons in places that are drawn anew while a reader looks at them; assets/press.js hears them.

Dash asks a callback on such a button's `n_clicks` once more whenever the button appears, and then throws away
the answer to a click that is still under way. What was pressed is written into a dcc.Store instead, which is
there as long as the page.
"""

import json


def press(store: str, **what: object) -> dict[str, str]:
    """Attributes of a button: when it is pressed, the store's data is `what`, and `at`, the moment in ms."""
    return {"data-press": str(store), "data-pressed": json.dumps(what)}
