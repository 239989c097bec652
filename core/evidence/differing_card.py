"""What differs in the MLmodel files and the requirements of versions."""

import json
import platform
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from core.catalog.mlmodel import Column, ModelCard
from core.errors import RunoffError
from core.evidence.differing_lines import ABSENT, UNREAD, Cell, Line, sentence_cell, text_cell
from core.evidence.libraries import Presence, Required
from core.evidence.version_facts import VersionFacts
from core.messages import Message, message

Cards = Sequence[ModelCard | RunoffError]

_TOLD_OF_FLAVORS: Final = ("loader_module", "serialization_format")
_MOST_CHARACTERS: Final = 200  # of a signature that is shown as it was written


def signature(cards: Cards, *, has_baseline: bool) -> Iterator[Line]:
    """Inputs and outputs; `has_baseline`: the first card is what the others' columns are told against."""
    yield Line(key="inputs", title=message("inputs"), cells=tuple(map(_inputs, cards)))
    columns = [_columns(card) for card in cards]
    for name in dict.fromkeys(name for known in columns for name in known or ()):
        asked = [None if known is None else known.get(name) for known in columns]
        cells = [
            UNREAD if known is None else _column(column) for known, column in zip(columns, asked, strict=True)
        ]
        if has_baseline and columns[0]:  # without columns of its own there is nothing to add to
            cells[1:] = [
                cell if cell.is_unread else replace(cell, note=_change(asked[0], column))
                for cell, column in zip(cells[1:], asked[1:], strict=True)
            ]
        yield Line(key=name, cells=tuple(cells))
    yield Line(key="outputs", title=message("outputs"), cells=tuple(map(_outputs, cards)))


def requirements(facts: Sequence[VersionFacts]) -> Iterator[Line]:
    """Python and the lines of requirements.txt, against each other and against what is installed here."""
    yield Line(key="Python", cells=tuple(_python(version.card) for version in facts))
    asked = [_by_package(version.required) for version in facts]
    for package in sorted({package for packages in asked for package in packages}):
        cells = (
            UNREAD if isinstance(version.card, RunoffError) else packages.get(package, ABSENT)
            for version, packages in zip(facts, asked, strict=True)
        )
        yield Line(key=package, cells=tuple(cells))


def flavors(cards: Cards) -> Iterator[Line]:
    """The flavors, the versions of the libraries that wrote them, and how they are kept."""
    names = (None if isinstance(card, RunoffError) else ", ".join(card.flavors) for card in cards)
    cells = tuple(UNREAD if name is None else text_cell(name or None) for name in names)
    yield Line(key="flavors", title=message("flavors"), cells=cells)
    told = [{} if isinstance(card, RunoffError) else dict(_told(card)) for card in cards]
    for key in sorted({key for one in told for key in one}):
        yield Line(
            key=key,
            cells=tuple(
                UNREAD if isinstance(card, RunoffError) else text_cell(one.get(key))
                for card, one in zip(cards, told, strict=True)
            ),
        )


def _inputs(card: ModelCard | RunoffError) -> Cell:
    if isinstance(card, RunoffError):
        return UNREAD
    if card.inputs is not None:
        count = len(card.inputs)
        told = message("1 column") if count == 1 else message("{count} columns", count=count)
        return sentence_cell(told, ("columns", count))
    return _declared(card.raw_inputs)


def _outputs(card: ModelCard | RunoffError) -> Cell:
    return UNREAD if isinstance(card, RunoffError) else _declared(card.outputs)


def _declared(written: str) -> Cell:
    """A part of a signature as MLflow wrote it (JSON), in words where it is made of columns or tensors."""
    if not written:
        return sentence_cell(message("not declared"), "")
    try:
        specs = json.loads(written)
        told = ", ".join(_spec(spec) for spec in specs)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Cell(written[:_MOST_CHARACTERS], written)
    return Cell(told[:_MOST_CHARACTERS], json.dumps(specs, sort_keys=True))


def _spec(spec: Mapping[str, Any]) -> str:
    name = f"{spec['name']}: " if spec.get("name") else ""
    tensor = spec.get("tensor-spec")
    if tensor is None:
        return f"{name}{spec['type']}"
    shape = ", ".join("?" if size == -1 else str(size) for size in tensor["shape"])
    return f"{name}{tensor['dtype']} ({shape})"


def _columns(card: ModelCard | RunoffError) -> Mapping[str, Column] | None:
    """None: unread."""
    return None if isinstance(card, RunoffError) else {column.name: column for column in card.inputs or ()}


def _column(column: Column | None) -> Cell:
    if column is None:
        return ABSENT
    told = message("{type}, optional", type=column.type)
    return Cell(column.type if column.required else told, (column.type, column.required))


def _change(before: Column | None, after: Column | None) -> Message | None:
    """What became of a column, in words."""
    match before, after:
        case None, Column():
            return message("added")
        case Column(), None:
            return message("removed")
        case Column(), Column() if before.type != after.type:
            return message("was {type}", type=before.type)
        case Column(), Column() if before.required != after.required:
            return message("was required") if before.required else message("was optional")
    return None


def _python(card: ModelCard | RunoffError) -> Cell:
    if isinstance(card, RunoffError):
        return UNREAD
    trained, here = card.python_version, platform.python_version()
    is_here = trained.split(".")[:2] == here.split(".")[:2]
    note = None if not trained or is_here else message("here: {version}", version=here)
    return replace(text_cell(trained or None), note=note)


def _by_package(required: Sequence[Required]) -> Mapping[str, Cell]:
    found: dict[str, Cell] = {}
    for one in required:
        package, cell = _requirement(one)
        earlier = found.get(package)
        if earlier is not None:  # asked for twice: both count
            cell = Cell(
                f"{earlier.value}, {cell.value}", (earlier.same, cell.same), cell.note or earlier.note
            )
        found[package] = cell
    return found


def _requirement(one: Required) -> tuple[str, Cell]:
    try:
        asked = Requirement(one.line)
    except InvalidRequirement:
        return one.line, Cell(one.line, one.line)
    extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
    told = f"{extras}{asked.specifier}" + (f"@ {asked.url}" if asked.url else "")
    same: Hashable = (asked.specifier, frozenset(asked.extras), asked.url)
    notes = {
        Presence.MISSING: message("not installed here"),
        Presence.OTHER: message("here: {version}", version=one.here),
    }
    cell = Cell(told or message("any version"), same, notes.get(one.presence))
    return canonicalize_name(asked.name), cell


def _told(card: ModelCard) -> Iterator[tuple[str, str]]:
    for flavor, facts in card.flavors.items():
        for key, value in facts.items():
            is_told = key.endswith("_version") or key in _TOLD_OF_FLAVORS
            if is_told and key != "python_version" and isinstance(value, str | int | float):
                yield f"{flavor} · {key}", str(value)
    if card.mlflow_version:
        yield "mlflow_version", card.mlflow_version
