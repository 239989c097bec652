import time
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import pytest

from commands.moment import Moment, MomentType


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with summer time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def read(text: str) -> Moment:
    return MomentType().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-03T12:00Z", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("2026-03-03T12:00:30.5+09:00", datetime(2026, 3, 3, 3, 0, 30, 500_000, tzinfo=UTC)),
        ("20260303T120000Z", datetime(2026, 3, 3, 12, tzinfo=UTC)),
    ],
)
def test_a_time_with_its_zone(text: str, utc: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    assert read(text) == Moment(utc, is_day=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "utc", "said"),
    [
        ("2026-03-03T12:00", datetime(2026, 3, 3, 11, tzinfo=UTC), "2026-03-03T12:00+0100 CET"),
        ("2026-07-03 12:00", datetime(2026, 7, 3, 10, tzinfo=UTC), "2026-07-03T12:00+0200 CEST"),
    ],
)
def test_a_time_without_zone_is_this_machines_which_is_said(
    text: str, utc: datetime, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read(text).time == utc
    assert capsys.readouterr() == ("", f"{text} is read in this machine's time zone: {said}.\n")


def test_a_day_ends_with_its_last_moment() -> None:
    """Also the short one on which summer time begins."""
    day = read("2026-03-29")
    assert (day.is_day, day.time) == (True, datetime(2026, 3, 28, 23, tzinfo=UTC))
    assert day.day_end == datetime(2026, 3, 29, 21, 59, 59, 999_999, tzinfo=UTC)
    midnight = read("2026-03-29T00:00+01:00")
    assert midnight.day_end == midnight.time


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-03-03T25:00Z", "0001-01-01", "9999-12-31", "1e9"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no time, as in 2026-03-03T12:00Z"):
        read(text)
