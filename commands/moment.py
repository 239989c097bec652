"""Times that a person writes: ISO 8601, with or without a zone."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import click

from commands.output import tell


class Moment(NamedTuple):
    """A time in UTC, and whether a day alone was written; it then is that day's beginning."""

    time: datetime
    is_day: bool

    @property
    def day_end(self) -> datetime:
        """The last moment of the day where a day alone was written: what `until 2026-03-03` means."""
        if not self.is_day:
            return self.time
        next_day = datetime.combine(self.time.astimezone().date() + timedelta(days=1), time())
        return _local(next_day) - timedelta(microseconds=1)


class MomentType(click.ParamType[Moment]):
    """A time such as 2026-03-03T12:00Z; without a zone it is this machine's, which is said."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Moment:
        """UTC."""
        text = str(value).strip()
        try:
            read = datetime.fromisoformat(text)
            is_day = read.time() == time() and "T" not in text.upper() and ":" not in text
            moment = Moment(_local(read) if read.tzinfo is None else read.astimezone(UTC), is_day)
            _ = moment.day_end
        except (ValueError, OverflowError, OSError):
            self.fail(f"{text!r} is no time, as in 2026-03-03T12:00Z", param, ctx)
        if read.tzinfo is None:
            tell(
                f"{text} is read in this machine's time zone: {moment.time.astimezone():%Y-%m-%dT%H:%M%z %Z}."
            )
        return moment


def _local(naive: datetime) -> datetime:
    """This machine's time in UTC."""
    return naive.astimezone().astimezone(UTC)
