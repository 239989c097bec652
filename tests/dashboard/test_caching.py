"""What a browser may keep."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.factory import create_app
from tests.dashboard.memory import MemoryStore, services_over

PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
ENCODINGS: tuple[dict[str, str], ...] = ({}, {"Accept-Encoding": "br"})


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    client: FlaskClient = create_app(services_over(MemoryStore(), tmp_path)).server.test_client()
    return client


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/assets/app.css?m=1", "max-age=31536000, immutable"),
        ("/assets/vendor/bootstrap-5.3.9.min.css", "max-age=31536000, immutable"),
        ("/assets/icons/moon.svg", "max-age=86400"),
    ],
)
def test_files_are_kept_as_long_as_their_address_stands_for_them(
    client: FlaskClient, address: str, kept: str
) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == kept


def test_a_file_that_is_missing_is_not_kept(client: FlaskClient) -> None:
    response = client.get("/assets/nothing.css?m=1")
    assert response.status_code == 404
    assert "max-age" not in response.headers.get("Cache-Control", "")


@pytest.mark.parametrize("wanted", ENCODINGS)
def test_a_component_that_the_browser_has_is_not_read_again(
    client: FlaskClient, wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(PLOTLY, headers=wanted)
    etag = first.headers["ETag"]
    monkeypatch.setattr("pkgutil.get_data", lambda *_: pytest.fail("it was read again"))
    again = client.get(PLOTLY, headers={**wanted, "If-None-Match": etag})
    assert (again.status_code, again.headers["ETag"], again.data) == (304, etag, b"")
    assert not {"Content-Type", "Cache-Control"} & set(again.headers.keys())


def test_a_browser_with_another_version_gets_the_file(client: FlaskClient) -> None:
    whole = client.get(PLOTLY)
    again = client.get(PLOTLY, headers={"If-None-Match": '"of-an-older-one"'})
    assert again.status_code == 200
    assert again.data == whole.data
