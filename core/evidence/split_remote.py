"""A split's data behind http(s):// and s3:// addresses: what tells of a change, and copies within limits.

No message of a library reaches a person: it could hold the address with its password.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from core.errors import SplitError
from core.messages import message
from core.split_settings import SplitSettings

if TYPE_CHECKING:
    import requests

_CHUNK = 2**20
_OK = 200
_HERE = message("Copy it to this machine and name the file.")
_ACCESS = message("Check the address, the network and who may read it.")

Stamp = tuple[tuple[str | int | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What fetching from the network may take."""

    answer_seconds: float = 10.0  # until the server says something, every time
    seconds: float = 300.0  # for one file
    megabytes: int = 4096  # of one file


def remote_stamp(split: SplitSettings, limits: Limits) -> Stamp | None:
    """ETag and Last-Modified of an address, or size and time of objects; None where the server has neither.

    Raises:
        SplitError: nothing is there, or nobody answers.
    """
    if _in_s3(split):
        return tuple((info.path, info.size, info.mtime_ns) for info in _objects(split)[1])
    with _answer(split, limits) as response:
        marks = tuple(response.headers.get(name) for name in ("ETag", "Last-Modified", "Content-Length"))
    return (marks,) if marks[0] or marks[1] else None


def copied(split: SplitSettings, folder: Path, limits: Limits) -> tuple[Path, ...]:
    """Copy the data into a folder.

    Raises:
        SplitError: nothing is there, nobody answers, or it is more than the limits allow.
    """
    if _in_s3(split):
        return _copied_objects(split, folder, limits)
    name = PurePosixPath(urlsplit(split.data).path).name
    with _answer(split, limits) as response:
        return (_copy(response.iter_content(_CHUNK), folder / (name or "data"), split, limits),)


def is_part(name: str) -> bool:
    """Whether a file belongs to a folder of Parquet; Spark's _SUCCESS and hidden files do not."""
    return name.endswith(".parquet") and not name.startswith(("_", "."))


def _in_s3(split: SplitSettings) -> bool:
    return split.data.lower().startswith("s3://")


@contextmanager
def _answer(split: SplitSettings, limits: Limits) -> "Iterator[requests.Response]":
    """An HTTP answer of which only the headers were read."""
    import requests  # noqa: PLC0415 - a tenth of the start-up, for those who need it

    plain = {"Accept-Encoding": "identity"}
    try:
        with requests.get(split.data, stream=True, timeout=limits.answer_seconds, headers=plain) as response:
            if response.status_code != _OK:
                status = response.status_code
                title = message("{source} gives HTTP status {status}.", source=split.shown_as, status=status)
                raise SplitError(title, _ACCESS)
            yield response
    except requests.Timeout:
        raise _unreadable(split, f"no answer within {limits.answer_seconds:g} s") from None
    except requests.RequestException as error:
        raise _unreadable(split, type(error).__name__) from None


def _objects(split: SplitSettings) -> tuple[fs.FileSystem, list[fs.FileInfo]]:
    """The file system, and the object or the Parquet objects below a prefix, by name."""
    try:
        system, path = fs.FileSystem.from_uri(split.data)
        info = system.get_file_info(path)
        inside = system.get_file_info(fs.FileSelector(path)) if info.type == fs.FileType.Directory else []
    except pa.ArrowNotImplementedError:
        title = message("{source} cannot be read: pyarrow here was built without S3.", source=split.shown_as)
        raise SplitError(title, message("Install pyarrow from PyPI or conda-forge.")) from None
    except pa.ArrowException:  # its words repeat the whole address
        title = message("{source} is no valid address.", source=split.shown_as)
        raise SplitError(title, message("Write s3://bucket/path.")) from None
    except OSError as error:
        raise _unreadable(split, _reason(error)) from None
    if info.type == fs.FileType.File:
        return system, [info]
    parts = sorted((part for part in inside if is_part(part.base_name)), key=lambda part: str(part.path))
    if not parts:
        title = message("{source} does not exist, or holds no Parquet file.", source=split.shown_as)
        raise SplitError(title, _ACCESS)
    return system, parts


def _copied_objects(split: SplitSettings, folder: Path, limits: Limits) -> tuple[Path, ...]:
    system, infos = _objects(split)
    copies = []
    try:
        for info in infos:
            with system.open_input_stream(info.path) as stream:
                copies.append(_copy(_chunks(stream), folder / info.base_name, split, limits))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(split, _reason(error)) from None
    return tuple(copies)


def _chunks(stream: pa.NativeFile) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _copy(chunks: Iterable[bytes], path: Path, split: SplitSettings, limits: Limits) -> Path:
    end = time.monotonic() + limits.seconds
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
            if size > limits.megabytes * 2**20:
                most = limits.megabytes
                title = message("{source} is larger than {most} MB.", source=split.shown_as, most=most)
                raise SplitError(title, _HERE)
            if time.monotonic() > end:
                title = message(
                    "{source} takes over {s} s to fetch.", source=split.shown_as, s=limits.seconds
                )
                raise SplitError(title, _HERE)
    return path


def _unreadable(split: SplitSettings, reason: str) -> SplitError:
    title = message("{source} cannot be read: {reason}.", source=split.shown_as, reason=reason)
    return SplitError(title, _ACCESS)


def _reason(error: Exception) -> str:
    """AWS's own words, which name the bucket and the key, not the credentials."""
    return str(error).partition("\n")[0].rstrip(".")
