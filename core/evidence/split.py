"""The fixed test split: load, check, fingerprint."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.errors import SplitError, SplitNotConfigured
from core.messages import message
from core.quoting import quoted
from core.settings import Label, Settings, SplitSettings, Task

if TYPE_CHECKING:  # a page answers before pandas is imported, which takes a second
    import pandas as pd

    from core.evidence.split_remote import Limits, Stamp

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Rows that no version was trained on, with their labels; the same for every version.

    `frame` holds every column of the test rows after `map`, `drop_missing` and `holdout`, the target
    included. `labels` is (rows,) bool, True where the target equals `positive`.
    """

    fingerprint: str  # "sha256:" and 64 hexadecimal digits
    source: str  # as configured, for people
    frame: "pd.DataFrame"
    labels: NDArray[np.bool_]
    target: str
    positive: Label
    negative: Label
    features: tuple[str, ...] | None = None  # as configured; None: each version's own signature
    id: str | None = None
    slices: tuple[str, ...] = ()
    raw_values: Mapping[str, Mapping[object, str]] = field(default_factory=dict)  # before `map`, by column
    row_numbers: NDArray[np.int64] | None = None  # (rows,) of each row in the data, from 1; None: 1, 2, 3, …
    total_rows: int | None = None  # of the data, before anything was left out; None: those of the split
    dropped_rows: int = 0  # left out of the data because a value was missing

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.labels)

    @property
    def positives(self) -> int:
        """Number of rows whose label is the positive one."""
        return int(self.labels.sum())

    def row_name(self, row: int) -> str:
        """What people call a row: its value in the `id` column, else its number in the data."""
        if self.id is not None:
            value = self.frame[self.id].iloc[row]
            if not self.frame[self.id].iloc[[row]].isna().any():
                return str(int(value) if isinstance(value, float) and value.is_integer() else value)
        return str(row + 1 if self.row_numbers is None else self.row_numbers[row])


@dataclass(frozen=True, slots=True)
class _Entry:
    """A loaded split, or why there is none, for as long as the data carry this stamp."""

    stamp: "Stamp | None"
    looked: float  # when the data were last looked at
    result: Split | SplitError


class Splits:
    """Loads the configured splits and keeps what was used last; safe to share between threads.

    A local file is looked at on every call (its path, size and times); an address once a minute (its ETag
    and Last-Modified, or an object's size and time). When an address stops answering, what was loaded
    stays in use: its fingerprint says which rows these are.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        kept_bytes: int = 512 * 2**20,
        look_seconds: float = 60.0,
        limits: "Limits | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._look_seconds = look_seconds
        self._limits = limits
        self._clock = clock
        # One that is larger than all that may be kept is kept alone: it is in use.
        self._entries: LRUCache[SplitSettings, _Entry] = LRUCache(
            kept_bytes, lambda entry: min(_bytes(entry), kept_bytes)
        )
        self._guard = Lock()
        self._loading: dict[SplitSettings, Lock] = {}  # as many as there are configured splits

    def load(self, model: str) -> Split:
        """The test split of a registered model.

        Raises:
            SplitNotConfigured: nobody named one.
            SplitError: it cannot be read, or fails a check.
        """
        configured = self._settings.for_model(model)
        if configured.split is None:
            title = message("No test split is configured for {model}.", model=quoted(model))
            raise SplitNotConfigured(title, message("Add one to runoff.yaml."))
        if configured.task not in (None, Task.BINARY):
            task = configured.task.value
            title = message("{model} is configured as a {task} task.", model=quoted(model), task=task)
            raise SplitError(title, message("So far Runoff compares binary classifiers only."))
        with self._guard:
            loading = self._loading.setdefault(configured.split, Lock())
        with loading:
            result = self._current(configured.split)
        if isinstance(result, SplitError):
            raise SplitError(result.title, result.hint)  # a new one: threads must not share a traceback
        return result

    def _current(self, split: SplitSettings) -> Split | SplitError:
        with self._guard:
            entry = self._entries.get(split)
        if entry is None or not split.is_remote or self._clock() - entry.looked >= self._look_seconds:
            entry = self._looked(split, entry)
        with self._guard:
            self._entries[split] = entry
        return entry.result

    def _looked(self, split: SplitSettings, entry: _Entry | None) -> _Entry:
        """The entry for the data as they are now; only what was read and found wrong is kept as an error."""
        from core.evidence import split_reading  # noqa: PLC0415  brings pandas, as said above

        now = self._clock()
        try:
            mark = split_reading.stamp(split, self._limits)
            if entry is not None and mark is not None and mark == entry.stamp:
                return _Entry(mark, now, entry.result)
            return _Entry(mark, now, split_reading.read(split, self._limits))
        except SplitError as error:
            if entry is None or not split.is_remote or isinstance(entry.result, SplitError):
                raise
            _log.warning("%s The rows loaded before stay in use.", error.title)
            return _Entry(entry.stamp, now, entry.result)


def _bytes(entry: _Entry) -> int:
    return 0 if isinstance(entry.result, SplitError) else int(entry.result.frame.memory_usage().sum())
