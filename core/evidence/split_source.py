"""Where a split's data are: files on this machine, or copies of what an address holds."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from core.errors import SplitError
from core.evidence.split_remote import Limits, Stamp, copied, is_part, remote_stamp
from core.messages import message
from core.split_settings import SplitSettings


def stamp(split: SplitSettings, limits: Limits) -> Stamp | None:
    """What is another where the data are others; None where a server does not tell.

    Raises:
        SplitError: nothing is there, or nobody answers.
    """
    if split.is_remote:
        return remote_stamp(split, limits)
    with _readable(split):
        states = [(path, path.stat()) for path in _local(split)]
    return tuple((str(path), at.st_size, at.st_mtime_ns, at.st_ctime_ns) for path, at in states)


@contextmanager
def fetched(split: SplitSettings, limits: Limits) -> Iterator[tuple[Path, ...]]:
    """The files of a split on this machine; copies from the network live as long as the context.

    Raises:
        SplitError: nothing is there, nobody answers, or it is more than the limits allow.
    """
    with ExitStack() as stack:
        with _readable(split):
            if split.is_remote:
                folder = stack.enter_context(TemporaryDirectory(prefix="runoff-split-"))
                files = copied(split, Path(folder), limits)
            else:
                files = _local(split)
        yield files


@contextmanager
def _readable(split: SplitSettings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        title = message("{source} cannot be read: {reason}.", source=split.shown_as, reason=reason)
        raise SplitError(title, message("Check that it is there and who may read it.")) from error


def _local(split: SplitSettings) -> tuple[Path, ...]:
    path = Path(split.data)
    if path.is_file():
        return (path,)
    if not path.is_dir():
        title = message("{source} does not exist.", source=split.shown_as)
        raise SplitError(title, message("It was looked for at {path}.", path=path))
    files = sorted(file for file in path.iterdir() if is_part(file.name))
    if not files:
        title = message("The folder {source} holds no Parquet file.", source=split.shown_as)
        raise SplitError(title, message("Name one file, or a folder of files that end in .parquet."))
    return tuple(files)
