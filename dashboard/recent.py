"""What was read a moment ago, kept for a short time and for a few."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, each forgotten after `seconds` or when `most` newer ones are there. Thread-safe."""

    def __init__(self, *, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value from now on; returns it."""
        with self._lock:
            self._kept[key] = (self._clock(), value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def get(self, key: Key) -> Value | None:
        """The value, or None where there is none or it is too old."""
        with self._lock:
            since, value = self._kept.get(key, (0.0, None))
            return value if value is not None and self._clock() - since < self._seconds else None
