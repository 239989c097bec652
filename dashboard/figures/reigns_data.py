"""The numbers behind the picture of Production over time."""

from collections.abc import Iterable, Iterator

from core.decision.entry_report import Cell, safe_cell
from core.decision.standing import Reign

COLUMNS = ("model", "version", "since", "until", "by", "kind", "reason", "digest", "source", "seq")


def rows(reigns: Iterable[Reign]) -> Iterator[tuple[Cell, ...]]:
    """One row for each reign, cells in the order of COLUMNS; `until` is empty for what still is. UTC."""
    for reign in reigns:
        cells = (
            reign.model,
            reign.version.number,
            reign.since.isoformat(),
            None if reign.until is None else reign.until.isoformat(),
            reign.by,
            reign.kind.value,
            reign.reason,
            reign.version.digest,
            reign.version.source,
            reign.seq,
        )
        yield tuple(safe_cell(cell) for cell in cells)
