"""What the tests of scoring share: rows, their split, a store of folders, and a model with its own scores."""

import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, infer_signature
from numpy.typing import NDArray

from core.catalog.store import Version
from core.catalog.transfer import Limits
from core.evidence.split import Split

NUMERIC = ["age", "fare", "dose"]
ALL = [*NUMERIC, "port"]


@dataclass
class FolderStore:
    """A store whose versions are folders: their sources, which a version of another store would not be."""

    downloads: list[Path] = field(default_factory=list)

    def download(self, version: Version, folder: Path, *, limits: Limits) -> Path:
        source = Path(version.source)
        self.downloads.append(source)
        return Path(shutil.copytree(source, folder / "model", symlinks=True))


@dataclass(frozen=True)
class RealModel:
    """A model as it was saved, and the scores that it gives itself."""

    folder: Path
    flavor: str
    expected: Callable[[pd.DataFrame], NDArray[np.float64]]
    positive: Any = 1
    negative: Any = 0


def rows(count: int, seed: int = 0) -> pd.DataFrame:
    """Passengers: numbers of two types and a text; survived follows age and fare."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "survived": 0,
            "age": rng.uniform(0, 80, count),
            "fare": rng.exponential(30, count),
            "dose": rng.integers(0, 4, count),
            "port": rng.choice(["Cherbourg", "Queenstown", "Southampton"], count),
            "id": np.arange(count) + 1000,
        }
    )
    chance = 1 / (1 + np.exp(0.05 * frame["age"] - 0.05 * frame["fare"]))
    return frame.assign(survived=(rng.uniform(size=count) < chance).astype(int))


def split_of_rows(frame: pd.DataFrame, positive: Any = 1, negative: Any = 0, fingerprint: str = "") -> Split:
    """The split of these rows; labels other than 0 and 1 replace those."""
    labels = (frame["survived"] == 1).to_numpy()
    named = frame.assign(survived=np.where(labels, positive, negative))
    return Split(
        fingerprint=fingerprint or f"sha256:{abs(hash((positive, negative, len(frame)))):064x}"[:71],
        source="data/rows.csv",
        frame=named,
        labels=labels,
        target="survived",
        positive=positive,
        negative=negative,
        id="id",
    )


def signature_of(frame: pd.DataFrame) -> ModelSignature:
    """MLflow's signature of these inputs; where its advice on whole numbers is an error, it gives up instead."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return infer_signature(frame)
