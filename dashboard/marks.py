"""How a version is told from the others in every panel, as the memo tells it, too."""

from looks.marks import Mark, marks

__all__ = ["Mark", "marks"]
