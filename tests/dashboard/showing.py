"""What a person reads in a component, and which of its parts carry an attribute."""

from collections.abc import Iterator
from typing import Any


def parts(shown: Any) -> Iterator[Any]:
    """The component and everything in it, texts too."""
    if isinstance(shown, list | tuple):
        for each in shown:
            yield from parts(each)
    elif shown is not None:
        yield shown
        yield from parts(getattr(shown, "children", None))


def said(shown: Any) -> str:
    """All texts, one after the other."""
    return " ".join(str(part) for part in parts(shown) if isinstance(part, str | int))
