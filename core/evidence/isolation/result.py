"""What a child left behind, read as data from a stranger."""

import json
import math
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evidence.failures import CODES, Unscorable
from core.evidence.isolation.job import MAX_RESULT, RESULT, SCORES
from core.evidence.isolation.outputs import checked
from core.evidence.scores import ScoreKind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """Scores as a child gave them, checked: (rows,) float64, finite, a probability in [0, 1].

    The seconds are the child's word: a model that wants to look quick can lie about them.
    """

    values: NDArray[np.float64]
    kind: ScoreKind
    seconds: float
    label_assumed: bool
    load_seconds: float = 0.0
    repeats: tuple[float, ...] = ()  # seconds of each further prediction of the same rows


def read_result(folder: Path, rows: int) -> Result | None:
    """The result in a job's folder, after the child has ended; None: it left none.

    Raises:
        Unscorable: the child says why there are no scores, or what it left cannot be read.
    """
    said = _content(folder / RESULT, MAX_RESULT)
    if said is None:
        return None
    try:
        facts = json.loads(said)
        if "failure" in facts:
            raise _reported(facts)
        kind, seconds = ScoreKind(facts["kind"]), _seconds(facts["seconds"])
        label_assumed = bool(facts["label_assumed"])
        load_seconds = _seconds(facts["load_seconds"])
        repeats = tuple(_seconds(one) for one in facts["repeats"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unscorable("garbled") from error
    content = _content(folder / SCORES, 8 * rows)
    if content is None or len(content) != 8 * rows:
        raise Unscorable("garbled")
    values = checked(np.frombuffer(content, dtype="<f8"), rows, kind)
    return Result(
        values=values,
        kind=kind,
        seconds=seconds,
        label_assumed=label_assumed,
        load_seconds=load_seconds,
        repeats=repeats,
    )


def _seconds(value: Any) -> float:
    """ValueError where that is no span of time."""
    seconds = float(value)
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError(seconds)
    return seconds


def _reported(facts: Mapping[str, Any]) -> Unscorable:
    code, values = facts["failure"], facts["values"]
    if code not in CODES or not isinstance(values, dict):
        return Unscorable("garbled")
    return Unscorable(
        code, **{name: str(value) for name, value in values.items() if name in CODES[code].names}
    )


def _content(path: Path, most: int) -> bytes | None:
    """The bytes of a regular file, at most `most`; None where there is nothing by that name."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:  # a link, a socket, …
        raise Unscorable("garbled") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unscorable("garbled")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most + 1)
    finally:
        os.close(descriptor)
    if len(content) > most:
        raise Unscorable("garbled")
    return content
