from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from core.decision.record import Kind
from dashboard.history_filter import HistoryFilter, chosen, moment, read, search
from tests.dashboard.recorded import ODD, year_entries
from tests.dashboard.remembered import MemoryDecisions

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 3, 3, 12, tzinfo=UTC)


def query(text: str) -> dict[str, str]:
    return dict(parse_qsl(text.removeprefix("?"), keep_blank_values=True))


@pytest.mark.parametrize(
    "wanted",
    [
        HistoryFilter(),
        HistoryFilter(model=ODD, actor="花子 & co", kinds=(Kind.PROMOTE, Kind.EXTERNAL)),
        HistoryFilter(first=date(2026, 1, 1), last=date(2026, 1, 31)),
        HistoryFilter(last=date.max),
    ],
)
def test_an_address_restores_the_view(wanted: HistoryFilter) -> None:
    assert read(query(search(wanted, AT)), TOKYO) == (wanted, AT, [])


def test_a_moment_without_an_offset_is_the_readers_and_in_an_address_it_is_utc() -> None:
    _wanted, at, _problems = read({"at": "2026-03-03T12:00"}, TOKYO)

    assert at == datetime(2026, 3, 3, 3, tzinfo=UTC)
    assert search(HistoryFilter(), at) == "?at=2026-03-03T03:00Z"
    assert search(HistoryFilter()) == ""


def test_what_makes_no_sense_is_said() -> None:
    wanted, at, problems = read({"kind": "promote,nope", "from": "yesterday", "at": "9" * 400}, UTC)

    assert (wanted.kinds, wanted.first, at) == ((Kind.PROMOTE,), None, None)
    assert [str(problem) for problem in problems] == [
        'The address asks for the kind "nope", which there is not.',
        'The address says "yesterday", which is no date.',
        f'The address says "{"9" * 59}…", which is no date.',
    ]


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "nan", "0001-01-01", "9999-12-31", ["x", None]])
def test_anything_may_come_from_a_browser(value: object) -> None:
    names = ("model", "actor", "kinds", "from", "to", "at")

    wanted, _at = chosen(dict.fromkeys(names, value), TOKYO)
    wanted.criteria(TOKYO)


def test_days_are_the_readers_and_the_last_one_counts() -> None:
    wanted = HistoryFilter(first=date(2026, 3, 1), last=date(2026, 3, 1))

    assert wanted.since(TOKYO) == datetime(2026, 2, 28, 15, tzinfo=UTC)
    assert wanted.until(TOKYO) == datetime(2026, 3, 1, 15, tzinfo=UTC) - timedelta(microseconds=1)


def test_days_in_the_wrong_order_are_turned_round() -> None:
    wanted, _at, _problems = read({"from": "2026-03-02", "to": "2026-03-01"}, UTC)

    assert (wanted.first, wanted.last) == (date(2026, 3, 1), date(2026, 3, 2))


@pytest.mark.parametrize(
    "wanted",
    [
        HistoryFilter(model=ODD),
        HistoryFilter(actor="花子"),
        HistoryFilter(kinds=(Kind.ROLLBACK, Kind.STAGE)),
        HistoryFilter(first=date(2026, 2, 15), last=date(2026, 4, 5)),
    ],
)
def test_it_holds_what_the_ledger_finds(wanted: HistoryFilter) -> None:
    kept = year_entries()
    found = MemoryDecisions(kept).history(**wanted.criteria(UTC))

    assert 0 < len(found) < len(kept)
    assert [entry for entry in reversed(kept) if wanted.holds(entry, UTC)] == list(found)


def test_a_date_that_is_none() -> None:
    assert moment("2026-13-01", UTC) is None
    assert moment("0001-01-01T00:00", TOKYO) is None  # before the first moment that there is
