"""Which entries of the ledger a reader wants to see: read from an address or the controls, and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from urllib.parse import urlencode

from core.decision.record import Entry, Kind
from core.messages import Message, message
from core.quoting import quoted

_LONGEST: Final = 32  # characters of a date with a time and an offset; what is longer is none


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """What an entry has to be; days are the reader's, and `last` is one of them."""

    model: str | None = None
    actor: str | None = None
    kinds: tuple[Kind, ...] = ()  # none: every kind
    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return any((self.model is not None, self.actor is not None, self.kinds, self.first, self.last))

    @property
    def query(self) -> Mapping[str, str]:
        """The part of an address's query that restores it."""
        named = {
            "model": self.model,
            "actor": self.actor,
            "kind": ",".join(self.kinds) or None,
            "from": None if self.first is None else self.first.isoformat(),
            "to": None if self.last is None else self.last.isoformat(),
        }
        return {name: text for name, text in named.items() if text is not None}

    def criteria(self, zone: tzinfo) -> Mapping[str, Any]:
        """The ledger's own arguments, where the reader's clock is in `zone`."""
        return {
            "model": self.model,
            "actor": self.actor,
            "kinds": self.kinds or None,
            "since": self.since(zone),
            "until": self.until(zone),
        }

    def since(self, zone: tzinfo) -> datetime | None:
        """The first moment that counts, UTC."""
        return _midnight(self.first, zone)

    def until(self, zone: tzinfo) -> datetime | None:
        """The last moment that counts, UTC."""
        if self.last is None or self.last == date.max:
            return None
        next_day = _midnight(self.last + timedelta(days=1), zone)
        return None if next_day is None else next_day - timedelta(microseconds=1)

    def holds(self, entry: Entry, zone: tzinfo) -> bool:
        """Whether an entry is one of those, by the same rules as the ledger's."""
        record, since, until = entry.record, self.since(zone), self.until(zone)
        return (
            self.model in {None, record.model}
            and self.actor in {None, record.actor.name}
            and (not self.kinds or record.kind in self.kinds)
            and (since is None or entry.at >= since)
            and (until is None or entry.at <= until)
        )


def search(wanted: HistoryFilter, at: datetime | None = None) -> str:
    """The query of an address with its question mark; empty where it says nothing. `at` is UTC."""
    moment = {} if at is None else {"at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")}
    text = urlencode({**wanted.query, **moment}, safe=",:")
    return f"?{text}" if text else ""


def read(query: Mapping[str, str], zone: tzinfo) -> tuple[HistoryFilter, datetime | None, Sequence[Message]]:
    """The filter and the moment that an address asks for, and a sentence for each part that made no sense."""
    problems: list[Message] = []
    words = [word for word in query.get("kind", "").split(",") if word]
    kinds = tuple(kind for kind in Kind if kind in words)
    problems += [
        message("The address asks for the kind {text}, which there is not.", text=quoted(word))
        for word in words
        if word not in set(Kind)
    ]
    moments = {name: moment(query.get(name), zone) for name in ("from", "to", "at")}
    problems += [
        message("The address says {text}, which is no date.", text=quoted(query[name]))
        for name, found in moments.items()
        if found is None and query.get(name)
    ]
    first, last = (_day(moments[name], zone) for name in ("from", "to"))
    if first and last and last < first:
        first, last = last, first
    wanted = HistoryFilter(
        model=query.get("model") or None,
        actor=query.get("actor") or None,
        kinds=kinds,
        first=first,
        last=last,
    )
    return wanted, moments["at"], problems


def chosen(sent: Mapping[str, Any], zone: tzinfo) -> tuple[HistoryFilter, datetime | None]:
    """What the controls hold; what makes no sense in a request counts as not chosen."""
    kinds = sent.get("kinds")
    query = {
        name: value
        for name in ("model", "actor", "from", "to", "at")
        if isinstance(value := sent.get(name), str)
    }
    if isinstance(kinds, list):
        query["kind"] = ",".join(kind for kind in kinds if isinstance(kind, str))
    wanted, at, _problems = read(query, zone)
    return wanted, at


def moment(text: object, zone: tzinfo) -> datetime | None:
    """An ISO date, with a time or without, as UTC; without an offset it is in `zone`. None for others."""
    if not isinstance(text, str) or not 0 < len(text.strip()) <= _LONGEST:
        return None
    try:
        when = datetime.fromisoformat(text.strip())
        return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(when: datetime | None, zone: tzinfo) -> date | None:
    try:
        return None if when is None else when.astimezone(zone).date()
    except OverflowError:
        return None


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return None
