"""Places on a page whose text moves with the threshold.

React sees an element without children and leaves what is in it alone; assets/comparison.js writes the
text, which dashboard/moved.py makes under the same key.
"""

from typing import Any

from dash import html


def cell(key: str, class_name: str = "") -> Any:
    """An empty place under a key."""
    return html.Span(className=f"cell {class_name}".rstrip(), **{"data-cell": key})
