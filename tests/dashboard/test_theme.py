import math
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import pytest

from dashboard.factory import ASSETS
from dashboard.messages import Reader, reader
from dashboard.theme import (
    PALETTES,
    PRODUCTION,
    Scheme,
    decimal,
    duration,
    integer,
    moment,
    percent,
    signed,
    significant,
    template,
    version_color,
)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", Scheme)
def test_text_can_be_read_on_card_and_paper(scheme: Scheme) -> None:
    palette = PALETTES[scheme]

    for text in (palette.ink, palette.muted, palette.better, palette.worse):
        for ground in (palette.card, palette.paper):
            assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("scheme", Scheme)
def test_the_style_sheet_has_the_same_tokens(scheme: Scheme) -> None:
    css = (ASSETS / "app.css").read_text("utf-8")
    block = re.search(rf'\[data-bs-theme="{scheme}"\] {{(.*?)}}', css, re.DOTALL)
    assert block is not None
    tokens = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block.group(1)))
    palette = PALETTES[scheme]

    for name in ("paper", "card", "line", "ink", "muted", "better", "worse"):
        assert tokens[name] == getattr(palette, name), name


@pytest.mark.parametrize("scheme", Scheme)
def test_ten_versions_have_ten_hues_and_none_is_productions(scheme: Scheme) -> None:
    hues = [version_color(index, scheme) for index in range(10)]

    assert len({*hues, version_color(PRODUCTION, scheme)}) == 11
    assert version_color(10, scheme) == hues[0]
    assert all(contrast(hue, PALETTES[scheme].card) >= 1.7 for hue in hues)


@pytest.mark.parametrize("scheme", Scheme)
def test_a_figure_carries_a_lean_template(scheme: Scheme) -> None:
    assert len(go.Figure(layout={"template": template(scheme)}).to_json()) < 1500


@pytest.mark.parametrize(
    ("value", "scheme"),
    [("dark", Scheme.DARK), ("light", Scheme.LIGHT), (None, Scheme.LIGHT), ({}, Scheme.LIGHT)],
)
def test_a_scheme_is_read_from_anything(value: object, scheme: Scheme) -> None:
    assert Scheme.of(value) is scheme


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8614, "0.861"),
        (-0.5, "−0.500"),
        (-0.0001, "0.000"),
        (1234.5, "1,234.500"),
        (None, "n/a"),
        (math.nan, "n/a"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_decimal(value: float | None, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.006, "+0.006"),
        (-0.006, "−0.006"),
        (0.0, "0.000"),
        (0.0004, "0.000"),
        (-0.0004, "0.000"),
        (None, "n/a"),
    ],
)
def test_a_difference_has_a_sign_unless_it_rounds_to_nothing(value: float | None, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (14.0, "14"),
        (0.8299999, "0.83"),
        (123456.7, "123,460"),
        (-0.5, "−0.5"),
        (1e-5, "1E-5"),
        (1.23456e12, "1.2346E12"),
        (math.nan, "n/a"),
    ],
)
def test_significant_digits(value: float, text: str) -> None:
    assert significant(value) == text


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (None, "", ""),
        (0.43, "0.4s", "0.4 秒"),
        (12.2, "12s", "12 秒"),
        (59.7, "1m", "1 分"),
        (75, "1m 15s", "1 分 15 秒"),
        (7380, "2h 3m", "2 時間 3 分"),
        (200_000, "2d 7h", "2 日 7 時間"),
    ],
)
def test_a_duration(seconds: float | None, english: str, japanese: str) -> None:
    assert duration(seconds) == english
    before = reader.set(Reader("ja"))
    assert duration(seconds) == japanese
    reader.reset(before)


def test_a_moment_is_in_the_readers_zone_and_language() -> None:
    when = datetime(2026, 11, 12, 14, 5, tzinfo=UTC)
    tokyo = ZoneInfo("Asia/Tokyo")

    assert moment(when) == "12 Nov 2026, 14:05"
    for who, text in ((Reader("en", tokyo), "12 Nov 2026, 23:05"), (Reader("ja", tokyo), "2026/11/12 23:05")):
        before = reader.set(who)
        assert moment(when) == text
        reader.reset(before)
    assert moment(None) == ""


def test_integers_and_shares() -> None:
    assert integer(1_234_567) == "1,234,567"
    assert percent(0.384) == "38%"
    assert percent(0.3846, 1) == "38.5%"
