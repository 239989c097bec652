from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.spatial import KDTree

from core.catalog.store import Version
from core.evidence.curves import Polyline
from core.evidence.scores import ScoreKey, ScoreKind, Scores
from core.evidence.split import Split

DOTS = 5e-5


@pytest.fixture(scope="session")
def split_of() -> Callable[..., Split]:
    """A split of these labels whose columns nobody looks at."""

    def make(labels: Any, fingerprint: str = "sha256:split") -> Split:
        return Split(
            fingerprint=fingerprint,
            source="data/rows.csv",
            frame=pd.DataFrame({"y": np.asarray(labels, dtype=int)}),
            labels=np.asarray(labels, dtype=bool),
            target="y",
            positive=1,
            negative=0,
        )

    return make


@pytest.fixture(scope="session")
def scores_of() -> Callable[..., Scores]:
    """Scores of these values, as version `digest` gave them."""

    def make(
        values: Any,
        kind: ScoreKind = ScoreKind.PROBABILITY,
        digest: str = "sha256:version",
        fingerprint: str = "sha256:split",
    ) -> Scores:
        key = ScoreKey(digest=digest, fingerprint=fingerprint, code="1")
        return Scores(key=key, kind=kind, values=np.asarray(values, dtype=np.float64))

    return make


@pytest.fixture(scope="session")
def version_of() -> Callable[..., Version]:
    def make(number: int, **facts: Any) -> Version:
        return Version(model="titanic-survival", number=number, **facts)

    return make


@pytest.fixture(scope="session")
def furthest() -> Callable[[Polyline, Polyline], float]:
    """The largest distance from a point of one drawing, corners and middles of lines too, to another.

    The other is a dense row of dots, so what comes out is at most DOTS / 2 above the true distance, and
    for a true distance of 0.002 at most 0.00200016.
    """

    def measure(true: Polyline, drawn: Polyline) -> float:
        corners = _path(true)
        points = np.concatenate([corners, (corners[1:] + corners[:-1]) / 2])
        return float(KDTree(_dots(_path(drawn))).query(points)[0].max())

    return measure


def _path(line: Polyline) -> NDArray[np.float64]:
    """Vertices (m, 2) of the lines on the screen: two for each step, vertical first."""
    points = np.column_stack([line.x, line.y])
    if not line.steps:
        return points
    corners = np.column_stack([line.x[:-1], line.y[1:]])
    return np.concatenate([points[:1], np.stack([corners, points[1:]], axis=1).reshape(-1, 2)])


def _dots(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points on the lines of a path, DOTS apart, its vertices among them."""
    ways = np.diff(path, axis=0)
    counts = np.ceil(np.hypot(*ways.T) / DOTS).astype(int) + 1
    line = np.repeat(np.arange(len(ways)), counts)
    step = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    dots = path[line] + ways[line] * (step / counts[line])[:, None]
    return np.concatenate([dots, path[-1:]])
