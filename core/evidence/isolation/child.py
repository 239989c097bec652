"""The child process: one version, one split, scores in a file. Nothing of it is believed by the parent."""

import contextlib
import errno
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import ThreadpoolController

from core.evidence.failures import MAX_TEXT, Unscorable
from core.evidence.isolation.confinement import confine
from core.evidence.isolation.flavors import load, named_columns, score
from core.evidence.isolation.job import RESULT, SCORES, Job, in_words
from core.evidence.isolation.labels import Labels
from core.evidence.isolation.outputs import checked

_ROOT = str(Path(__file__).resolve().parents[3])
_OURS = tuple(name for name in sys.modules if name == "core" or name.startswith("core."))  # before any fork
_CHAIN = 10  # causes of an exception that are looked at
_REPEATED_SECONDS = 1.0  # after which no further repeat begins


def run(job: Job, libraries: ThreadpoolController) -> None:
    """Score and write the result; whatever the model raises is written as a reason."""
    stage = ["prepare"]
    try:
        confine(job, libraries)
        hidden = _hide_runoff()  # noqa: F841 - see there
        report = _score(job, stage)
    except BaseException as error:  # noqa: BLE001 - a model may raise anything; each becomes a reason
        report = _reason(error, stage[0], job)
    (Path(job.folder) / RESULT).write_text(json.dumps(report), encoding="utf-8")


def _score(job: Job, stage: list[str]) -> Mapping[str, object]:
    frame = read_features(job)
    stage[0] = "load"
    loaded = time.perf_counter()
    model = load(Path(job.artifact), job.flavor)
    load_seconds = time.perf_counter() - loaded
    stage[0] = "predict"
    if job.narrow:
        frame = _narrowed(frame, named_columns(model))
    spare = [frame.copy() for _ in range(job.repeats)]  # a model may change the rows that it is given
    labels = Labels(job.positive, job.negative)
    started = time.perf_counter()
    output = score(job.flavor, model, frame, labels)
    seconds = time.perf_counter() - started
    values = checked(output.values, job.rows, output.kind)
    values.astype("<f8", copy=False).tofile(Path(job.folder) / SCORES)
    again = _repeated(lambda rows: score(job.flavor, model, rows, labels), spare)
    return {
        "kind": output.kind.value,
        "seconds": seconds,
        "label_assumed": output.label_assumed,
        "load_seconds": load_seconds,
        "repeats": again,
    }


def _repeated(predict: Callable[[pd.DataFrame], object], frames: Iterable[pd.DataFrame]) -> list[float]:
    """Seconds of each further prediction."""
    taken: list[float] = []
    for rows in frames:
        if sum(taken) >= _REPEATED_SECONDS:
            break
        started = time.perf_counter()
        predict(rows)
        taken.append(time.perf_counter() - started)
    return taken


def read_features(job: Job) -> pd.DataFrame:
    """The features as (rows, columns), mapped from the file: nothing is copied before the model does."""
    if job.features.endswith(".npy"):
        block = np.load(job.features, mmap_mode="c", allow_pickle=False)
        return pd.DataFrame(block, columns=list(job.columns), copy=False)
    with pa.memory_map(job.features) as source:
        table: pd.DataFrame = pa.ipc.open_file(source).read_all().to_pandas()
    return table


def _narrowed(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    return frame[list(names)] if names and set(names) <= set(frame.columns) else frame


def _hide_runoff() -> list[ModuleType]:
    """A model that ships a package named like one of ours shall import its own.

    Whoever keeps what is returned spares this process the time to take the modules apart.
    """
    sys.path[:] = [entry for entry in sys.path if entry not in ("", _ROOT)]
    return [sys.modules.pop(name) for name in _OURS]


def _reason(error: BaseException, stage: str, job: Job) -> dict[str, object]:
    """The code that fits best, and the values of its sentence."""
    code, values = f"{stage}_raised", {"error": type(error).__name__[:MAX_TEXT], "text": _text(error)}
    for one in _chain(error) if stage != "prepare" else ():
        match one:
            case Unscorable():
                code, values = one.code, one.facts
            case ModuleNotFoundError() if one.name:
                code, values = "missing_module", {"module": one.name.split(".")[0]}
            case MemoryError():
                code, values = "out_of_memory", {"limit": in_words(job.limits.memory_bytes)}
            case OSError() if one.errno == errno.EFBIG:
                code, values = "disk", {"limit": in_words(job.limits.disk_bytes)}
            case PermissionError():
                code, values = "denied", {"text": _text(one)}
            case SystemExit():
                code, values = "exited", {"status": _text(one)}
            case _:
                continue
        break
    return {"failure": code, "values": values}


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__


def _text(error: Any) -> str:
    """What an exception says, on one line, cut; its own __str__ may fail."""
    text = "(no message)"
    with contextlib.suppress(Exception):
        text = str(error)
    return " ".join("".join(c if c.isprintable() else " " for c in text[:MAX_TEXT]).split())


def main(argv: list[str]) -> int:
    """Score the job in the file named; how a child is started where there is no fork."""
    job = Job.from_facts(json.loads(Path(argv[1]).read_bytes()))
    run(job, ThreadpoolController())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
