"""A PostgreSQL server of the tests' own, from Debian's binaries, in a folder that goes with the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
import pytest

MISSING = "PostgreSQL's server is not installed: on Debian, sudo apt-get install postgresql"


class Postgres:
    """A running server that answers on a socket in its folder and lets in whoever can reach that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = count(1)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"ledger_{os.getpid()}_{next(self._made)}"
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def execute(self, statement: str) -> Self:
        """Run a statement in the server's own database."""
        address = f"host={self._folder} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())
        return self


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server while the block runs; skips the test, or fails it in CI, where there is none to run."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="runoff-pg-"))  # its path must be one that another user may enter
    try:
        _as_server(
            folder, [binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "-N"]
        )
        options = (
            f"-c listen_addresses= -k {folder} -c fsync=off -c shared_buffers=16MB -c max_connections=60"
        )
        control: list[str | Path] = [binaries / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
        _as_server(folder, [*control, "-o", options, "start"])
        try:
            yield Postgres(folder)
        finally:
            _as_server(folder, [*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    """Debian keeps them apart by version, beside the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name)
    )
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


def _as_server(folder: Path, command: Sequence[str | Path]) -> None:
    """Run it; as the user postgres where this is root, for whom PostgreSQL refuses to work."""
    other = "postgres" if os.geteuid() == 0 else None
    if other is not None:
        shutil.chown(folder, other, other)
    result = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a server that runs on would keep a pipe open
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
        user=other,
        group=other,
        extra_groups=None if other is None else [],
    )
    log = folder / "log"
    assert result.returncode == 0, log.read_text() if log.exists() else f"{command[0]} failed"
