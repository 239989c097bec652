"""Sets of runs that an address names: few by their ids, many by the hash of the file that holds them."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import NotFound, RunoffError, UsageError
from core.messages import message

FEW: Final = 20  # runs that stand in an address by their ids
MOST: Final = 10_000  # runs of one selection
_RUN_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)  # MLflow's ids are 32 hexadecimal digits
_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Selections:
    """Selections below a folder, content-addressed: what an address names never changes.

    Any number of processes may share the folder. It is made when something is first kept.
    """

    folder: Path

    def query(self, run_ids: Sequence[str]) -> str:
        """The query of an address that names these runs: `runs=…`, or `selection=…` for more than FEW.

        Raises as `keep` does.
        """
        wanted = _checked(run_ids)
        return f"runs={','.join(wanted)}" if len(wanted) <= FEW else f"selection={self.keep(wanted)}"

    def keep(self, run_ids: Sequence[str]) -> str:
        """Keep these runs in this order, each once; returns the selection's key, 64 hexadecimal digits.

        Raises:
            UsageError: Something is no run id, or they are more than MOST.
            RunoffError: The folder cannot be written.
        """
        content = json.dumps({"runs": _checked(run_ids)}, separators=(",", ":")).encode()
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        try:
            if not path.is_file() or path.read_bytes() != content:
                self.folder.mkdir(parents=True, exist_ok=True)
                _write(path, content)
        except OSError as error:
            raise RunoffError(
                message("The selection could not be kept in {folder}.", folder=self.folder),
                message("Check that there is room, and that Runoff may write there."),
            ) from error
        return key

    def read(self, key: str) -> tuple[str, ...]:
        """The runs of a selection, in their order.

        Raises:
            NotFound: There is no such selection, or its file is damaged.
        """
        try:
            content = self._path(key).read_bytes() if _KEY.fullmatch(key) else b""
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != key:
            raise NotFound(
                message("There is no such selection of runs."),
                message("It was made by another Runoff, or its file is gone: tick the runs again."),
            )
        return tuple(json.loads(content)["runs"])

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _checked(run_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(run_ids))
    if not all(_RUN_ID.fullmatch(run_id) for run_id in wanted):
        raise UsageError(message("The selection holds something that is no run id."))
    if len(wanted) > MOST:
        raise UsageError(
            message("A selection holds {most} runs at most, not {count}.", most=MOST, count=len(wanted)),
            message("Narrow it down with a filter first."),
        )
    return wanted


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, whoever else writes the same."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".selection-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
