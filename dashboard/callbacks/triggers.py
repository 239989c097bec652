"""What made the browser ask.

Of a question that is asked again while it is under way Dash keeps the newer one, which tells of the newest
change alone. So a callback may do less where only a look is due, but never leave to a trigger what the page
must show.
"""

from dash import ctx


def has_changed(*ids: str) -> bool:
    """Whether one of these elements, or several, made the browser ask."""
    return any(known in ids for known in ctx.triggered_prop_ids.values())


def only_changed(*ids: str) -> bool:
    """Whether these elements alone made the browser ask; False where the page was just opened."""
    changed = ctx.triggered_prop_ids.values()
    return bool(changed) and all(known in ids for known in changed)
