"""What was read a moment ago, kept for a short time and for a few."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key, each forgotten after `seconds` or when `most` newer ones are there. Thread-safe."""

    def __init__(self, *, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._kept: TTLCache[Key, Value, float] = TTLCache(most, seconds, clock)

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value from now on; returns it."""
        with self._lock:
            self._kept[key] = value
        return value

    def get(self, key: Key) -> Value | None:
        """The value, or None where there is none or it is too old."""
        with self._lock:
            return self._kept.get(key)
