from typing import Any

import pytest
from dash import Dash


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-US,en;q=0.9,ja;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
        (";;q=x,", "en"),
    ],
)
def test_the_language_follows_the_browser(app: Dash, accepted: str, language: str) -> None:
    answer = app.server.test_client().get("/", headers={"Accept-Language": accepted})

    assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize(("chosen", "language"), [("ja", "ja"), ("en", "en"), ("<x>", "ja")])
def test_a_language_that_was_chosen_wins(app: Dash, chosen: str, language: str) -> None:
    client = app.server.test_client()
    client.set_cookie("runoff-language", chosen)

    assert f'<html lang="{language}">' in client.get("/", headers={"Accept-Language": "ja"}).text


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "../../etc/passwd", "nowhere", ""])
def test_any_time_zone_cookie_gives_a_page(app: Dash, zone: str) -> None:
    client = app.server.test_client()
    client.set_cookie("runoff-zone", zone)

    assert client.get("/").status_code == 200


GOOD: dict[str, Any] = {  # what every page asks
    "output": "..shell-store.children...shell-store-poll.interval...shell-store-poll.n_intervals..",
    "outputs": [
        {"id": "shell-store", "property": "children"},
        {"id": "shell-store-poll", "property": "interval"},
        {"id": "shell-store-poll", "property": "n_intervals"},
    ],
    "inputs": [{"id": "shell-store-poll", "property": "n_intervals", "value": 1}],
    "changedPropIds": [],
}


def test_a_request_that_the_page_makes_is_answered(app: Dash) -> None:
    assert app.server.test_client().post("/_dash-update-component", json=GOOD).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"output": "nothing.children"},
        {"output": None},
        {"output": ["a"]},
        {"outputs": None},
        {"outputs": "shell-store"},
        {"outputs": [{"id": "other", "property": "children"}] * 3},
        {"inputs": None},
        {"inputs": {}},
        {"inputs": []},
        {"inputs": [None]},
        {"inputs": ["shell-store-poll"]},
        {"inputs": [{"id": "shell-store-poll"}]},
        {"inputs": [{"property": "n_intervals"}]},
        {"inputs": [{"id": {"a": 1}, "property": "n_intervals"}]},
        {"inputs": [{"id": "shell-store-poll", "property": 3}]},
        {"inputs": GOOD["inputs"] * 2},
        {"state": [{"id": "shell-store-poll", "property": "n_intervals"}]},
        {"state": 3},
        {"changedPropIds": 3},
        {"changedPropIds": [3]},
    ],
)
def test_a_malformed_callback_is_refused_without_a_traceback(app: Dash, change: dict[str, Any]) -> None:
    answer = app.server.test_client().post("/_dash-update-component", json={**GOOD, **change})

    assert answer.status_code == 400
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(app: Dash, body: bytes) -> None:
    answer = app.server.test_client().post(
        "/_dash-update-component", data=body, content_type="application/json"
    )

    assert answer.status_code == 400


def test_a_body_beyond_all_measure_is_refused(app: Dash) -> None:
    answer = app.server.test_client().post("/_dash-update-component", json={**GOOD, "more": "x" * 3_000_000})

    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:8050"},  # another application of this machine
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
@pytest.mark.parametrize("path", ["/_dash-update-component", "/history", "/healthz"])
def test_another_web_site_can_change_nothing(app: Dash, headers: dict[str, str], path: str) -> None:
    answer = app.server.test_client().post(path, json=GOOD, headers=headers)

    assert answer.status_code == 403
    assert answer.text == "This request was sent by the page of another web site.\n"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Origin": "http://127.0.0.1:8050", "Host": "127.0.0.1:8050"},
        {"Origin": "http://[::1]:8050", "Host": "[::1]:8050"},
    ],
)
def test_our_own_page_can(app: Dash, headers: dict[str, str]) -> None:
    answer = app.server.test_client().post("/_dash-update-component", json=GOOD, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8050",
        "192.0.2.7:8050",
        "0.0.0.0:8050",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
        "localhost:x",
        "[::1",
        "[::2]",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/history", "/_dash-layout", "/assets/app.css", "/readyz"])
def test_a_name_that_somebody_let_point_here_reads_nothing(app: Dash, host: str, path: str) -> None:
    answer = app.server.test_client().get(path, headers={"Host": host})

    assert answer.status_code == 403
    assert answer.text == (
        f'Runoff answers under 127.0.0.1 and localhost alone, and this request names the host "{host}".\n'
    )


def test_a_refusal_is_in_the_readers_language_and_has_our_headers(app: Dash) -> None:
    answer = app.server.test_client().get("/", headers={"Host": "evil.example", "Accept-Language": "ja"})

    assert "evil.example" in answer.text
    assert "Runoff answers" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_link_from_another_site_opens_a_page(app: Dash) -> None:
    answer = app.server.test_client().get(
        "/runs", headers={"Sec-Fetch-Site": "cross-site", "Referer": "https://wiki.example/"}
    )

    assert answer.status_code == 200
