"""How many runs to ask a store for at once: as many as it hands over in a second or so."""

_FIRST = 20
_MOST = 5_000
_SECONDS = 1.5  # a page: long enough that its start costs little, well below a request's time limit
_FASTER = 8  # times as many at most as before: the first pages say little about those that follow


class Pace:
    """Learns from each page; runs with thousands of metrics come one by one, small ones by the thousand."""

    def __init__(self) -> None:
        self.rows = _FIRST

    def took(self, rows: int, seconds: float) -> None:
        """A page of `rows` runs came after some seconds; a short one says nothing."""
        if rows >= self.rows:
            fitting = int(rows * _SECONDS / max(seconds, 0.001))
            self.rows = max(1, min(_MOST, rows * _FASTER, fitting))

    def overdue(self) -> None:
        """Ask for less after a page that did not come in time."""
        self.rows = max(1, self.rows // 5)
