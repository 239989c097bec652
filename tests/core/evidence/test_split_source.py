import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from core.errors import SplitError
from core.evidence.split_remote import Limits
from core.evidence.split_source import fetched, stamp
from core.split_settings import SplitSettings

QUICK = Limits(answer_seconds=0.5, seconds=5, megabytes=1)


def split_at(data: Path | str) -> SplitSettings:
    return SplitSettings(data=str(data), shown_as="data/rows", target="y")


def contents(data: Path | str, limits: Limits = QUICK) -> dict[str, bytes]:
    with fetched(split_at(data), limits) as files:
        return {file.name: file.read_bytes() for file in files}


def refusal(data: Path | str, limits: Limits = QUICK) -> str:
    with pytest.raises(SplitError) as caught, fetched(split_at(data), limits):
        pass
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_a_file_and_its_stamp(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a")
    before = stamp(split_at(file), QUICK)
    assert stamp(split_at(file), QUICK) == before
    assert contents(file) == {"a.csv": b"a"}
    assert not split_at(file).is_remote
    os.utime(file, ns=(0, 1))
    assert stamp(split_at(file), QUICK) != before


def test_a_folder_is_its_parquet_files_by_name(tmp_path: Path) -> None:
    for name in (
        "b.parquet",
        "a.parquet",
        "_SUCCESS",
        "_metadata.parquet",
        ".a.parquet.crc",
        ".x.parquet",
        "notes.txt",
    ):
        (tmp_path / name).write_text(name)
    assert list(contents(tmp_path)) == ["a.parquet", "b.parquet"]
    before = stamp(split_at(tmp_path), QUICK)
    (tmp_path / "notes.txt").write_text("other")
    assert stamp(split_at(tmp_path), QUICK) == before
    (tmp_path / "b.parquet").rename(tmp_path / "c.parquet")
    assert stamp(split_at(tmp_path), QUICK) != before


def test_what_is_not_there(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "gone.csv")
        == f"data/rows does not exist. It was looked for at {tmp_path}/gone.csv."
    )
    assert refusal(tmp_path).startswith("The folder data/rows holds no Parquet file.")
    assert refusal(tmp_path / ("x" * 5000)).startswith(
        ("data/rows cannot be read", "data/rows does not exist")
    )
    with pytest.raises(SplitError, match="does not exist"):
        stamp(split_at(tmp_path / "gone.csv"), QUICK)


Pages = dict[str, tuple[dict[str, str], bytes] | Callable[["Handler"], None]]


class Handler(BaseHTTPRequestHandler):
    """Gives what `pages` says: a body with headers, or a function that does what it likes."""

    pages: ClassVar[Pages] = {}

    def do_GET(self) -> None:
        page = self.pages.get(unquote(urlsplit(self.path).path))
        if page is None:
            self.send_error(404)
        elif callable(page):
            page(self)
        else:
            self.answer(*page)

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, headers: dict[str, str], body: bytes) -> None:
        first, last = 0, len(body) - 1
        asked = self.headers.get("Range")
        if asked:  # as S3 clients read
            first, last = (int(end) for end in asked.removeprefix("bytes=").split("-"))
            last = min(last, len(body) - 1)
        self.send_response(206 if asked else 200)
        for name, value in {"Content-Length": str(last + 1 - first), **headers}.items():
            self.send_header(name, value)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[first : last + 1])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, Pages]]:
    Handler.pages.clear()
    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{web.server_port}", Handler.pages
    web.shutdown()
    thread.join()
    web.server_close()


def test_a_url_is_fetched_and_marked(server: tuple[str, Pages]) -> None:
    host, pages = server
    pages["/a b.csv"] = {"ETag": '"1"'}, b"a,b\n"
    address = f"http://me:secret@{host}/a%20b.csv?key=secret"
    assert split_at(address).is_remote
    assert list(contents(address).values()) == [b"a,b\n"]
    before = stamp(split_at(address), QUICK)
    assert stamp(split_at(address), QUICK) == before
    pages["/a b.csv"] = {"ETag": '"2"'}, b"a,b\n"
    assert stamp(split_at(address), QUICK) not in (before, None)
    pages["/a b.csv"] = {}, b"a,b\n"
    assert stamp(split_at(address), QUICK) is None


def test_copies_do_not_stay(server: tuple[str, Pages]) -> None:
    host, pages = server
    pages["/a.csv"] = {}, b"a"
    with fetched(split_at(f"http://{host}/a.csv"), QUICK) as (copy,):
        assert copy.name == "a.csv"
    assert not copy.exists()


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 2**16)
    except OSError:  # the client had enough
        pass


def cut_short(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"x")


def moved(handler: Handler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "file:///etc/passwd")
    handler.end_headers()


@pytest.mark.parametrize(
    ("page", "limits", "sentence"),
    [
        (None, QUICK, "data/rows gives HTTP status 404. Check the address"),
        (endless, QUICK, "data/rows is larger than 1 MB. Copy it to this machine"),
        (endless, Limits(seconds=0), "data/rows takes over 0 s to fetch. Copy it"),
        (cut_short, QUICK, "data/rows cannot be read: ChunkedEncodingError. Check"),
        (moved, QUICK, "data/rows cannot be read: InvalidSchema. Check"),
    ],
)
def test_what_a_server_may_do_wrong(
    server: tuple[str, Pages], page: Callable[[Handler], None] | None, limits: Limits, sentence: str
) -> None:
    host, pages = server
    if page:
        pages["/a.csv"] = page
    assert refusal(f"http://me:secret@{host}/a.csv", limits).startswith(sentence)


@contextmanager
def silence() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_says_nothing_or_is_not_there() -> None:
    with silence() as host:
        patience = Limits(answer_seconds=0.1)
        assert refusal(f"http://{host}/a.csv", patience).startswith(
            "data/rows cannot be read: no answer within 0.1 s."
        )
    assert refusal(f"http://{host}/a.csv").startswith("data/rows cannot be read: ConnectionError.")


@pytest.fixture
def bucket(server: tuple[str, Pages], monkeypatch: pytest.MonkeyPatch) -> tuple[str, Pages]:
    """An address below s3:// that ends at this server."""
    for name, value in {
        "ACCESS_KEY_ID": "me",
        "SECRET_ACCESS_KEY": "secret",
        "EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    host, pages = server
    return f"?endpoint_override={host}&scheme=http&region=eu-west-1", pages


def test_an_object_in_s3(bucket: tuple[str, Pages]) -> None:
    options, pages = bucket
    pages["/mine/a.csv"] = {"Last-Modified": "Sat, 21 Nov 2026 13:00:00 GMT"}, b"a,b\n1,2\n"
    address = f"s3://mine/a.csv{options}"
    assert contents(address) == {"a.csv": b"a,b\n1,2\n"}
    before = stamp(split_at(address), QUICK)
    assert stamp(split_at(address), QUICK) == before
    pages["/mine/a.csv"] = {"Last-Modified": "Sat, 21 Nov 2026 13:00:01 GMT"}, b"a,b\n1,2\n"
    assert stamp(split_at(address), QUICK) != before


def test_a_folder_in_s3(bucket: tuple[str, Pages]) -> None:
    options, pages = bucket
    names = ("b.parquet", "_SUCCESS", "a.parquet")
    entries = "".join(
        f"<Contents><Key>data/{name}</Key><Size>1</Size><LastModified>2026-11-21T13:00:00Z</LastModified></Contents>"
        for name in names
    )
    pages["/mine"] = (
        {},
        f"<ListBucketResult><KeyCount>3</KeyCount>{entries}</ListBucketResult>".encode(),
    )
    pages |= {f"/mine/data/{name}": ({}, name[:1].encode()) for name in names}
    assert list(contents(f"s3://mine/data{options}").items()) == [("a.parquet", b"a"), ("b.parquet", b"b")]
    pages["/mine"] = {}, b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"
    assert refusal(f"s3://mine/data{options}").startswith(
        "data/rows does not exist, or holds no Parquet file."
    )


def test_an_object_that_nobody_may_read(bucket: tuple[str, Pages]) -> None:
    options, pages = bucket
    pages["/mine/a.csv"] = lambda page: page.send_error(403)
    assert refusal(f"s3://mine/a.csv{options}").startswith(
        "data/rows cannot be read: When getting information for key 'a.csv'"
    )
    assert refusal("s3://me:secret@mine/a.csv?no_such=secret").startswith("data/rows is no valid address.")
