"""What a version's MLmodel file says, read as YAML: no code of the model runs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from core.errors import ArtifactError
from core.messages import message

# libyaml reads ten times faster; where PyYAML was built without it, its own reader does.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_CHARACTERS = 4_000_000  # an MLmodel with a signature of 10,000 columns has about 700,000
_MAX_DEPTH = 50
_MAX_NODES = 200_000
_MAX_ALIASES = 50

_LOG_ANEW = message("Log the model anew: MLflow writes this file itself.")


@dataclass(frozen=True, slots=True)
class Column:
    """One input of a signature. `type` is MLflow's: double, float, long, integer, string and so on."""

    name: str
    type: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """The facts of an MLmodel file and the requirements.txt beside it."""

    flavors: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    inputs: tuple[Column, ...] | None = None  # None: no signature, or one of tensors
    raw_inputs: str = ""  # the signature's inputs as MLflow wrote them (JSON), tensors, too
    outputs: str = ""  # the signature's outputs as MLflow wrote them (JSON), for people
    size_bytes: int | None = None
    requirements: tuple[str, ...] = ()  # pip requirement lines, comments and options left out
    python_version: str = ""
    mlflow_version: str = ""
    model_id: str = ""


def parse_mlmodel(text: str, requirements: str = "") -> ModelCard:
    """Read the text of an MLmodel file and of the requirements.txt beside it.

    The text is data from outside: its size, its depth and what its aliases unfold to are limited, and
    only plain YAML types are built.

    Raises:
        ArtifactError: the text is not YAML, not a mapping, or larger than any real MLmodel file.
    """
    facts = _load(text)
    if not isinstance(facts, dict):
        raise ArtifactError(message("The version's MLmodel file holds no mapping."), _LOG_ANEW)
    flavors = {
        str(name): {str(key): value for key, value in conf.items()} if isinstance(conf, dict) else {}
        for name, conf in _mapping(facts.get("flavors")).items()
    }
    signature = _mapping(facts.get("signature"))
    size = facts.get("model_size_bytes")
    return ModelCard(
        flavors=flavors,
        inputs=_columns(signature.get("inputs")),
        raw_inputs=_text(signature.get("inputs")),
        outputs=_text(signature.get("outputs")),
        size_bytes=size if isinstance(size, int) and not isinstance(size, bool) else None,
        requirements=tuple(_requirement_lines(requirements)),
        python_version=_text(flavors.get("python_function", {}).get("python_version")),
        mlflow_version=_text(facts.get("mlflow_version")),
        model_id=_text(facts.get("model_id")),
    )


def _load(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        raise _beyond_belief()
    try:
        _check_structure(text)
        loaded = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader: plain types only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArtifactError(message("The version's MLmodel file is not valid YAML."), _LOG_ANEW) from error
    if _too_large(loaded):
        raise _beyond_belief()
    return loaded


def _check_structure(text: str) -> None:
    """Walk the events before anything is built: building recurses in C, where deep nesting crashes."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.ScalarEvent) and event.value == "<<":
            raise _beyond_belief()  # merges of merges multiply while they are built
        if depth > _MAX_DEPTH or aliases > _MAX_ALIASES:
            raise _beyond_belief()


def _too_large(loaded: object) -> bool:
    """Whether the values, each counted as often as an alias shows it, are too many (or endless)."""
    waiting, seen = [loaded], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > _MAX_NODES:
            return True
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple | set):
            waiting.extend(value)
    return False


def _columns(inputs: object) -> tuple[Column, ...] | None:
    """The named columns of a signature's inputs (JSON in a string); None for tensors and nameless ones."""
    if not isinstance(inputs, str):
        return None
    try:
        specs = json.loads(inputs)
    except (ValueError, RecursionError):
        return None
    if not isinstance(specs, list) or not all(isinstance(spec, dict) and "name" in spec for spec in specs):
        return None
    if not specs or any(spec.get("type") == "tensor" for spec in specs):
        return None
    return tuple(
        Column(str(spec["name"]), str(spec.get("type", "")), required=bool(spec.get("required", True)))
        for spec in specs
    )


def _requirement_lines(text: str) -> Iterator[str]:
    for line in text[:MAX_CHARACTERS].splitlines():
        requirement = line.split(" #")[0].strip()
        if requirement and not requirement.startswith(("#", "-")):
            yield requirement


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _beyond_belief() -> ArtifactError:
    return ArtifactError(
        message("The version's MLmodel file is larger, deeper or more entangled than any real one."),
        _LOG_ANEW,
    )
