"""What differs between versions, line by line: how they were made, what they ask for, what they take.

Numbers are compared as numbers ("0.10" is 0.1), requirements as pip reads them, and both against the
environment that scores. A line on which all versions agree is identical; only the others need be read.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from core.catalog.mlmodel import ModelCard
from core.errors import RunoffError
from core.evidence.differing_card import flavors, requirements, signature
from core.evidence.differing_lines import (
    ABSENT,
    UNREAD,
    Cell,
    Line,
    Section,
    Unit,
    number_cell,
    setting_cell,
    text_cell,
)
from core.evidence.version_facts import VersionFacts
from core.messages import Message, message

MLFLOWS_OWN: Final = "mlflow."  # tags in which MLflow keeps notes for itself, whole JSON files among them
TOLD_OF_MLFLOW: Final = frozenset(
    {"mlflow.user", "mlflow.source.name", "mlflow.source.git.commit", "mlflow.note.content"}
)
_OF_DATA: Final = re.compile(
    r"(training[._-])?(data|dataset|dvc)[._-]?(version|hash|digest|rev|revision|commit)", re.IGNORECASE
)

Value = TypeVar("Value", str, float)


def differences(facts: Sequence[VersionFacts], *, has_baseline: bool = False) -> tuple[Section, ...]:
    """All that versions can differ in, in their order; sections of which nobody knows anything are left out.

    `has_baseline`: the first version is the baseline, so that the others' columns are told against its.
    """
    cards = [one.card for one in facts]
    sections = (
        _of_runs(facts, "parameters", message("Parameters"), _settings(facts)),
        _of_runs(facts, "tags", message("Tags"), _tags(facts)),
        _of_cards(facts, "signature", message("Signature"), signature(cards, has_baseline=has_baseline)),
        _of_cards(facts, "requirements", message("Requirements"), requirements(facts)),
        _of_runs(facts, "data", message("Training data"), _data(facts)),
        _of_cards(facts, "flavor", message("Flavor"), flavors(cards)),
        _of_cards(facts, "cost", message("Size and time"), _cost(facts)),
        _of_runs(facts, "metrics", message("Metrics logged by the run"), _logged(facts)),
    )
    return tuple(section for section in sections if section.lines or section.unread)


def is_told(tag: str) -> bool:
    """Whether a tag says something to people."""
    return not tag.startswith(MLFLOWS_OWN) or tag in TOLD_OF_MLFLOW


def keyed(
    maps: Sequence[Mapping[str, Value] | RunoffError], cell: Callable[[Value | None], Cell]
) -> Iterable[Line]:
    """One line for each key that any of the maps has, in alphabetical order."""
    read: list[Mapping[str, Value]] = [{} if isinstance(one, RunoffError) else one for one in maps]
    for key in sorted({key for one in read for key in one}, key=lambda key: (key.casefold(), key)):
        cells = (
            UNREAD if isinstance(one, RunoffError) else cell(known.get(key))
            for one, known in zip(maps, read, strict=True)
        )
        yield Line(key=key, cells=tuple(cells))


def _of_runs(facts: Sequence[VersionFacts], name: str, title: Message, lines: Iterable[Line]) -> Section:
    unread = {one.version.number: one.run for one in facts if isinstance(one.run, RunoffError)}
    return _section(name, title, lines, unread)


def _of_cards(facts: Sequence[VersionFacts], name: str, title: Message, lines: Iterable[Line]) -> Section:
    unread = {one.version.number: one.card for one in facts if isinstance(one.card, RunoffError)}
    return _section(name, title, lines, unread)


def _section(name: str, title: Message, lines: Iterable[Line], unread: Mapping[int, RunoffError]) -> Section:
    told = tuple(line for line in lines if any(cell.value is not None for cell in line.cells))
    return Section(name=name, title=title, lines=told, unread=unread)


def _settings(facts: Sequence[VersionFacts]) -> Iterable[Line]:
    return keyed([_params(one) for one in facts], setting_cell)


def _params(one: VersionFacts) -> Mapping[str, str] | RunoffError:
    return one.run if isinstance(one.run, RunoffError) else (one.run.params if one.run else {})


def _tags(facts: Sequence[VersionFacts]) -> Iterable[Line]:
    """Tags of the versions, then those of their runs: texts, for "1.10" is another version than "1.1"."""
    own = [{tag: text for tag, text in one.version.tags.items() if _is_tag(tag)} for one in facts]
    yield from keyed(own, text_cell)
    for line in keyed([_run_tags(one) for one in facts], text_cell):
        yield Line(key=f"run {line.key}", title=message("{tag} (run)", tag=line.key), cells=line.cells)


def _run_tags(one: VersionFacts) -> Mapping[str, str] | RunoffError:
    if isinstance(one.run, RunoffError):
        return one.run
    tags = one.run.tags if one.run else {}
    return {tag: text for tag, text in tags.items() if _is_tag(tag)}


def _is_tag(tag: str) -> bool:
    return is_told(tag) and not _OF_DATA.fullmatch(tag)


def _data(facts: Sequence[VersionFacts]) -> Iterable[Line]:
    """Data sets that the runs were given, by what they were for, and tags that name the data."""
    for key, title in (
        ("name", message("{context}: data set")),
        ("digest", message("{context}: digest")),
        ("source", message("{context}: source")),
    ):
        for line in keyed([_datasets(one, key) for one in facts], text_cell):
            told = Message(title.template, {"context": line.key or "?"})
            yield Line(key=f"{line.key} {key}", title=told, cells=line.cells)
    yield from keyed([_data_tags(one) for one in facts], text_cell)


def _datasets(one: VersionFacts, attribute: str) -> Mapping[str, str] | RunoffError:
    """By context; several data sets of one context stand side by side."""
    if isinstance(one.run, RunoffError):
        return one.run
    found: dict[str, list[str]] = defaultdict(list)
    for dataset in one.run.datasets if one.run else ():
        if text := getattr(dataset, attribute):
            found[dataset.context].append(text)
    return {context: ", ".join(sorted(texts)) for context, texts in found.items()}


def _data_tags(one: VersionFacts) -> Mapping[str, str] | RunoffError:
    own = {tag: text for tag, text in one.version.tags.items() if _OF_DATA.fullmatch(tag)}
    if isinstance(one.run, RunoffError):
        return own or one.run
    run_tags = one.run.tags if one.run else {}
    return {tag: text for tag, text in run_tags.items() if _OF_DATA.fullmatch(tag)} | own


def _cost(facts: Sequence[VersionFacts]) -> Iterable[Line]:
    files = tuple(text_cell(one.digest and one.digest.removeprefix("sha256:")[:12]) for one in facts)
    yield Line(key="digest", title=message("files (SHA-256)"), cells=files)
    sizes = tuple(UNREAD if isinstance(one.card, RunoffError) else _size(one.card) for one in facts)
    yield Line(key="size", title=message("size"), cells=sizes, unit=Unit.BYTES)
    loads = tuple(number_cell(one.latency.load_seconds if one.latency else None) for one in facts)
    yield Line(key="load_seconds", title=message("time to load"), cells=loads, unit=Unit.SECONDS)
    times = tuple(number_cell(one.latency.ms_per_1000 if one.latency else None) for one in facts)
    yield Line(
        key="latency_ms_per_1000", title=message("time for 1,000 rows"), cells=times, unit=Unit.MILLISECONDS
    )


def _size(card: ModelCard) -> Cell:
    return ABSENT if card.size_bytes is None else number_cell(card.size_bytes)


def _logged(facts: Sequence[VersionFacts]) -> Iterable[Line]:
    return keyed([_metrics(one) for one in facts], number_cell)


def _metrics(one: VersionFacts) -> Mapping[str, float] | RunoffError:
    return one.run if isinstance(one.run, RunoffError) else (one.run.metrics if one.run else {})
