"""What was measured on this machine, in files named by the SHA-256 of (digest, fingerprint, machine).

A file holds the last sessions in which that version took part, so that times which were measured side by
side are found together again. A damaged file is as good as absent. Safe for threads and processes.
"""

import hashlib
import json
import os
import platform
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

MOST_SESSIONS = 20
Facts = Mapping[str, Any]  # plain JSON values


class LatencyFiles:
    """Times by session below `data_dir/latencies`."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "latencies"
        self._machine = f"{platform.node()} {platform.machine()} {os.cpu_count()}"

    def session_lock(self) -> FileLock:
        """What a session holds: on one machine, only one measures at a time."""
        self._root.mkdir(parents=True, exist_ok=True)
        return FileLock(self._root / "session.lock")

    def keep(self, fingerprint: str, times: Mapping[str, Facts]) -> None:
        """Add a session's times, by digest. Whoever calls holds the session's lock."""
        session = uuid.uuid4().hex
        for digest, facts in times.items():
            path = self._path(digest, fingerprint)
            earlier = list(_read(path).items())[-(MOST_SESSIONS - 1) :]
            temporary = path.with_suffix(f".{os.getpid()}")
            temporary.write_text(json.dumps({**dict(earlier), session: facts}), encoding="utf-8")
            temporary.replace(path)

    def session(self, fingerprint: str, digests: Collection[str]) -> Mapping[str, Facts]:
        """The times by digest of the session in which most of these took part, the newest of such."""
        held = {digest: _read(self._path(digest, fingerprint)) for digest in digests}
        counted = Counter(session for sessions in held.values() for session in sessions)
        best = max(counted.values(), default=0)
        newest = next(
            (
                session
                for sessions in held.values()
                for session in reversed(sessions)
                if counted[session] == best
            ),
            None,
        )
        return {digest: sessions[newest] for digest, sessions in held.items() if newest in sessions}

    def _path(self, digest: str, fingerprint: str) -> Path:
        key = json.dumps([digest, fingerprint, self._machine])
        return self._root / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.json"


def _read(path: Path) -> dict[str, Any]:
    """Facts by session, the oldest first; empty where there is no such file, or it is no longer whole."""
    try:
        sessions = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return sessions if isinstance(sessions, dict) else {}
