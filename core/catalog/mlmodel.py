"""What a version's MLmodel file says, read as YAML: no code of the model runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """One input of a signature. `type` is MLflow's: double, float, long, integer, boolean, string, …"""

    name: str
    type: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The facts of an MLmodel file and the requirements.txt beside it."""

    flavors: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    inputs: tuple[Column, ...] | None = None  # None: no signature, or one of tensors
    outputs: str = ""  # the signature's outputs as MLflow wrote them (JSON), for people
    size_bytes: int | None = None
    requirements: tuple[str, ...] = ()  # pip requirement lines, comments and options left out
    python_version: str = ""
    mlflow_version: str = ""
    model_id: str = ""
