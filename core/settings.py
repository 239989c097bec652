"""Frozen settings from a YAML file and the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

Label = str | int | float | bool


class Task(StrEnum):
    """What a model predicts."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """scikit-learn's `train_test_split`, with these arguments, keeps the test rows."""

    test_size: float | int = 0.2
    random_state: int | None = None
    stratify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """Where the fixed test split comes from and how its rows are made."""

    data: str  # an absolute path or a URL
    shown_as: str  # as it was written, for people
    target: str
    positive: Label | None = None
    features: tuple[str, ...] | None = None
    map: Mapping[str, Mapping[Label, Label]] = field(default_factory=dict)
    drop_missing: bool = False
    holdout: Holdout | None = None
    id: str | None = None
    slices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What is configured for one registered model."""

    task: Task | None = None
    split: SplitSettings | None = None
    primary_metric: str = "roc_auc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration of one process."""

    tracking_uri: str
    embedded: bool  # the store is the one under data_dir: nobody named another
    data_dir: Path
    database_url: str
    alias: str = "production"
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    default: ModelSettings = ModelSettings()
    source: Path | None = None  # the file these came from

    def for_model(self, name: str) -> ModelSettings:
        """The settings of a registered model, or those that serve models not named."""
        return self.models.get(name, self.default)
