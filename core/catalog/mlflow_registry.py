"""Registered models and their versions, read in a number of calls that does not grow with them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from core.catalog import mlflow_entities as values
from core.catalog.database import Tally
from core.catalog.deadline import Beat
from core.catalog.mlflow_connection import Connection
from core.catalog.mlflow_errors import UnreadableAnswerError
from core.catalog.mlflow_search import PageSize, name_filter, pages
from core.catalog.store import PRODUCTION, Holders, RegisteredModel, Version
from core.errors import NotFound
from core.messages import message

_FEW = 3  # models that are counted one by one rather than with all others
_TRIES = 3  # of a reading during which the registry keeps changing
_NO_VERSIONS = Tally(0, ())

_Mark = tuple[object, ...]  # of a model: any new, deleted or promoted version changes it


class Registry:
    """Reads models and versions through an MlflowClient."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._model_pages = PageSize(1_000, most=1_000)
        self._version_pages = PageSize(2_500, most=10_000)
        self._counted: dict[str, tuple[_Mark, Tally]] = {}

    def models(self, client: Any, beat: Beat, *, counted: bool) -> tuple[RegisteredModel, ...]:
        """All registered models, by name."""
        listed = self._listed(client, beat)
        tallies = self._connection.tally()
        if tallies is not None:
            return _by_name(listed, {model.name: tallies.get(model.name, _NO_VERSIONS) for model in listed})
        if counted:
            return _by_name(*self._read_out(client, beat, listed))
        return _by_name(listed, self._known(listed))

    def model(self, client: Any, beat: Beat, name: str) -> RegisteredModel:
        """One registered model; NotFound where there is none."""
        found = self._found(client, beat, name)
        tallies = self._connection.tally()
        tally = self._known([found]).get(name) if tallies is None else tallies.get(name, _NO_VERSIONS)
        return values.registered_model(found, tally)

    def versions(self, client: Any, beat: Beat, name: str) -> tuple[Version, ...]:
        """All versions of a model, newest number first; NotFound where there is no such model."""
        found = self._found(client, beat, name)
        for _ in range(_TRIES):
            rows, whole = self._rows(client, beat, name)
            before, found = found, found if whole else self._found(client, beat, name)
            if _mark(before) == _mark(found):  # otherwise a row may have slipped from one page to another
                break
        return values.versions(rows, found.aliases)

    def holders(self, client: Any, beat: Beat, name: str, *, alias: str) -> Holders:
        """What is in Production by stage and by alias at one moment; NotFound: there is no such model."""
        if (database := self._connection.database) is not None:
            held = database.holders(name, alias)
            if held is None:
                raise _no_model(name)
            return held
        found = self._found(client, beat, name)
        for _ in range(_TRIES):
            # Neither MLflow's search by stage nor its list of latest versions knows a second one.
            rows, whole = self._rows(client, beat, name)
            stage = {values.number(row.version) for row in rows if row.current_stage == PRODUCTION}
            held = _holders(stage, found, alias)
            if whole and held.numbers == held.stage and len(stage) <= 1 and (held.alias or not stage):
                return held
            # Odd, or read in parts: is it so, or did it change between the calls?
            before, found = found, self._found(client, beat, name)
            if _mark(before) == _mark(found) and held == _holders(stage, found, alias):
                return held
        raise UnreadableAnswerError("the registry keeps changing")

    def ask_for_less(self) -> None:
        """A page did not come in time."""
        self._model_pages.overdue()
        self._version_pages.overdue()

    def _listed(self, client: Any, beat: Beat) -> list[Any]:
        search = pages(client.search_registered_models, self._model_pages, beat)
        return [model for page in search for model in page]

    def _found(self, client: Any, beat: Beat, name: str) -> Any:
        # Not get_registered_model: on a database that one loads every version of the model.
        search = partial(client.search_registered_models, name_filter(name))
        for page in pages(search, self._model_pages, beat):
            for model in page:
                if model.name == name:
                    return model
        raise _no_model(name)

    def _rows(self, client: Any, beat: Beat, name: str | None) -> tuple[list[Any], bool]:
        """Versions of one model or of all, and whether they came in one page (in one transaction)."""
        search = partial(
            client.search_model_versions,
            name_filter(name) if name is not None else None,
            order_by=["name ASC", "version_number ASC"],  # new versions come last: no row moves
        )
        read = list(pages(search, self._version_pages, beat))
        return [row for page in read for row in page if name in {None, row.name}], len(read) == 1

    def _known(self, listed: Iterable[Any]) -> dict[str, Tally]:
        known = {}
        for model in listed:
            mark, tally = self._counted.get(model.name, (None, _NO_VERSIONS))
            if mark == _mark(model):
                known[model.name] = tally
        return known

    def _read_out(self, client: Any, beat: Beat, listed: list[Any]) -> tuple[list[Any], dict[str, Tally]]:
        """Count versions by reading out those of every model that changed since it was last counted."""
        for _ in range(_TRIES):
            known = self._known(listed)
            unknown = [model.name for model in listed if model.name not in known]
            if not unknown:
                break
            names: Sequence[str | None] = unknown if len(unknown) <= _FEW else [None]
            rows = [row for name in names for row in self._rows(client, beat, name)[0]]
            known |= _count(rows, unknown)
            before, listed = listed, self._listed(client, beat)
            if [_mark(model) for model in before] == [_mark(model) for model in listed]:
                self._counted = {model.name: (_mark(model), known[model.name]) for model in listed}
                break
        return listed, known


def _holders(stage: Iterable[int], model: Any, alias: str) -> Holders:
    held = model.aliases.get(alias)
    return Holders(tuple(sorted(stage, reverse=True)), None if held is None else values.number(held))


def _no_model(name: str) -> NotFound:
    return NotFound(
        message("There is no registered model {name}.", name=name),
        message("It may have been renamed or deleted; the list of models shows what there is."),
    )


def _count(rows: Iterable[Any], names: Iterable[str]) -> dict[str, Tally]:
    counts: dict[str, int] = dict.fromkeys(names, 0)
    production: dict[str, list[int]] = {name: [] for name in counts}
    for row in rows:
        if row.name in counts:
            counts[row.name] += 1
            if row.current_stage == PRODUCTION:
                production[row.name].append(values.number(row.version))
    return {name: Tally(counts[name], tuple(sorted(production[name], reverse=True))) for name in counts}


def _mark(model: Any) -> _Mark:
    return (model.name, model.creation_timestamp, model.last_updated_timestamp)


def _by_name(listed: Iterable[Any], tallies: Mapping[str, Tally]) -> tuple[RegisteredModel, ...]:
    models = (values.registered_model(model, tallies.get(model.name)) for model in listed)
    return tuple(sorted(models, key=lambda model: model.name))
