"""Frozen settings from a YAML file and the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.errors import SettingsError
from core.gate_settings import Gate, gate_settings
from core.messages import message
from core.settings_file import Section
from core.split_settings import Holdout, Label, SplitSettings, split_example, split_settings
from core.yaml_file import read_yaml

__all__ = [
    "METRIC_NAMES",
    "Holdout",
    "Label",
    "ModelSettings",
    "Settings",
    "SplitSettings",
    "Task",
    "load_settings",
    "split_example",
]

METRIC_NAMES = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
)
DEFAULT_MARGIN = 0.01
MIN_ALPHA = 1e-6
MIN_COST_RATIO = 1e-6
DEMO_FILE = Path(__file__).resolve().parent.parent / "demo.yaml"


class Task(StrEnum):
    """What a model predicts."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """What is configured for one registered model."""

    task: Task | None = None
    split: SplitSettings | None = None
    primary_metric: str = "roc_auc"
    alpha: float = 0.05  # share of comparisons that may claim a difference where there is none
    margins: Mapping[str, float] = field(default_factory=dict)  # by metric: a loss that nobody minds
    cost_ratio: float = 1.0  # what a missed positive costs, where a false alarm costs 1
    gates: tuple[Gate, ...] = ()  # the promotion policy; empty: the default one

    def margin(self, metric: str) -> float:
        """A loss in this metric that nobody minds, in its unit; 0.01 where nothing is configured."""
        return self.margins.get(metric, DEFAULT_MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration of one process."""

    tracking_uri: str = field(repr=False)  # may hold a password
    embedded: bool  # the store is the one under data_dir: nobody named another
    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    alias: str = "production"
    models: Mapping[str, ModelSettings] = field(default_factory=dict)
    default: ModelSettings = ModelSettings()
    source: Path | None = None  # the file these came from

    def for_model(self, name: str) -> ModelSettings:
        """The settings of a registered model, or those that serve models not named."""
        return self.models.get(name, self.default)


def load_settings(
    config: Path | None, *, tracking_uri: str | None = None, environ: Mapping[str, str], folder: Path
) -> Settings:
    """Read the configuration; `folder` is the working directory.

    The file is `config`, else RUNOFF_CONFIG, else runoff.yaml in `folder` where it exists. The store is
    `tracking_uri`, else the file's, else MLFLOW_TRACKING_URI, else an embedded one under data_dir; an
    embedded store also has the settings of the demo's models, below whatever the file says.

    Raises:
        SettingsError: one sentence that names the wrong place.
    """
    path = _file(config, environ, folder)
    top = _section(path, shown=str(config or path.name)) if path else Section("runoff.yaml", "", {})
    top.only("tracking_uri", "data_dir", "database_url", "alias", "models")
    base = (path.parent if path else folder).absolute()
    data_dir = base / Path(top.text("data_dir") or ".runoff")
    store = tracking_uri or _database(top.text("tracking_uri"), base) or environ.get("MLFLOW_TRACKING_URI")
    models = _models(top, base)
    if not store:
        models = _models(_section(DEMO_FILE, shown=DEMO_FILE.name), DEMO_FILE.parent) | models
    return Settings(
        tracking_uri=store or f"sqlite:///{(data_dir / 'mlflow.db').as_posix()}",
        embedded=not store,
        data_dir=data_dir,
        database_url=_database_url(top, base) or f"sqlite:///{(data_dir / 'runoff.db').as_posix()}",
        alias=_alias(top),
        models={name: model for name, model in models.items() if name != "default"},
        default=models.get("default", ModelSettings()),
        source=path,
    )


def _file(config: Path | None, environ: Mapping[str, str], folder: Path) -> Path | None:
    named = config or environ.get("RUNOFF_CONFIG")
    if named:
        return (folder / named).absolute()
    usual = (folder / "runoff.yaml").absolute()
    return usual if usual.is_file() else None


def _section(path: Path, shown: str) -> Section:
    content = read_yaml(path, shown)
    if not isinstance(content, dict | None):
        title = message("{file} holds no settings.", file=shown)
        raise SettingsError(title, message("Write lines like models: with its settings indented below."))
    return Section(shown, "", content or {})


def _database(url: str | None, base: Path) -> str | None:
    """A relative SQLite file is meant from the folder of the configuration, like every path in it."""
    relative = re.fullmatch(
        r"(sqlite(?:\+\w+)?:///)((?![/\\:]|file:|[A-Za-z]:[/\\]).+)", url or "", re.DOTALL
    )
    return f"{relative[1]}{(base / relative[2]).as_posix()}" if relative else url


def _database_url(top: Section, base: Path) -> str | None:
    url = top.text("database_url")
    if url is not None and "://" not in url:
        title = message("{file}: database_url is no database URL.", file=top.file)
        raise SettingsError(title, message("Write one like sqlite:///.runoff/runoff.db."))
    return _database(url, base)


def _alias(top: Section) -> str:
    alias = top.text("alias") or "production"
    if not re.fullmatch(r"[\w-]+", alias) or re.fullmatch(r"latest|v\d+", alias, re.IGNORECASE):
        hint = message("Use letters, digits, - and _; MLflow keeps latest and v1, v2, … for itself.")
        raise top.unfit("alias", hint)
    return alias


def _models(top: Section, base: Path) -> dict[str, ModelSettings]:
    models = top.section("models")
    return {name: _model(model, base) for name, model in models.sections()} if models else {}


def _model(model: Section, base: Path) -> ModelSettings:
    model.only("task", "split", "primary_metric", "alpha", "margin", "cost_ratio", "gates")
    task = model.choice("task", tuple(Task))
    split = model.section("split")
    primary_metric = model.choice("primary_metric", METRIC_NAMES) or "roc_auc"
    return ModelSettings(
        task=Task(task) if task else None,
        split=split_settings(split, base) if split else None,
        primary_metric=primary_metric,
        alpha=model.number("alpha", above=MIN_ALPHA, below=0.5) or 0.05,
        margins=_margins(model, primary_metric),
        cost_ratio=model.number("cost_ratio", above=MIN_COST_RATIO) or 1.0,
        gates=gate_settings(model, METRIC_NAMES),
    )


def _margins(model: Section, primary_metric: str) -> Mapping[str, float]:
    """One number for the primary metric, or numbers by metric."""
    if not isinstance(model.values.get("margin"), dict):
        margin = model.number("margin")
        return {} if margin is None else {primary_metric: margin}
    margins = model.section("margin") or Section(model.file, model.at("margin"), {})
    margins.only(*METRIC_NAMES)
    found = {name: margins.number(name) for name in METRIC_NAMES}
    return {name: margin for name, margin in found.items() if margin is not None}
