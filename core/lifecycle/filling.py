"""Fill an MLflow store with the demo; a filling that was interrupted goes on where it stopped."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

from core.lifecycle.demo import MODELS, DemoModel, DemoVersion
from core.lifecycle.embedded import make_store
from core.lifecycle.training import Recipe, Trained, TrainingRows, train
from core.lifecycle.training_rows import load_training_rows
from core.settings import DEMO_FILE, Settings

STATE = "runoff.demo"  # tag of everything that the demo makes
FILLING, DONE = "filling", "done"  # of an experiment
MADE = "made"  # of a run and a registered model


@dataclass(frozen=True, slots=True)
class Step:
    """`number` of `total` steps are done and `name` is next; no name: it is over."""

    number: int
    total: int
    name: str = ""


def fill(
    settings: Settings, *, artifacts: Path, models: Sequence[DemoModel] = MODELS
) -> Generator[Step, None, None]:
    """Bring `models` into the store of `settings`, unless it holds anything else.

    `artifacts` is the folder for model files. Yields before every step and once at the end. From the
    first step on, the store is MLflow's current one in this process.
    """
    make_store(settings.tracking_uri)
    mlflow.set_tracking_uri(settings.tracking_uri)
    client = MlflowClient()
    total = sum(model.steps for model in models)
    if not _is_filled(client, models) and _is_ours(client, models):
        number = 0
        for model in models:
            for name in _fill_model(client, model, settings, artifacts):
                yield Step(number, total, name)
                number += 1
        for model in models:
            client.set_experiment_tag(_experiment(client, model, artifacts), STATE, DONE)
    yield Step(total, total)


def _is_filled(client: MlflowClient, models: Sequence[DemoModel]) -> bool:
    """Whether a filling came to its end."""
    experiments = (client.get_experiment_by_name(model.experiment) for model in models)
    return all(experiment and experiment.tags.get(STATE) == DONE for experiment in experiments)


def _is_ours(client: MlflowClient, models: Sequence[DemoModel]) -> bool:
    """Whether the store is empty, but for what an interrupted filling left behind."""
    names = {model.name for model in models}
    for found in client.search_registered_models():
        if found.name not in names or STATE not in found.tags:
            return False
    experiments = client.search_experiments(view_type=ViewType.ALL)
    foreign = [experiment.experiment_id for experiment in experiments if STATE not in experiment.tags]
    return not client.search_runs(foreign, run_view_type=ViewType.ALL, max_results=1)


def _fill_model(client: MlflowClient, model: DemoModel, settings: Settings, artifacts: Path) -> Iterator[str]:
    """Yield the name of every recipe before it is trained, or found to be there already."""
    experiment = _experiment(client, model, artifacts)
    split = settings.for_model(model.name).split
    assert split is not None, f"{DEMO_FILE} names no split for {model.name}"
    rows = load_training_rows(model.experiment, split)
    _register(client, model)
    numbers = {
        found.run_id: found.version for found in client.search_model_versions(f"name = '{model.name}'")
    }
    complete = _complete_runs(client, model, experiment, registered=set(numbers))
    for version in model.versions:
        yield version.recipe.name
        run_id = complete.get(version.recipe.name)
        number = numbers[run_id] if run_id else _add_version(client, model, version, rows, experiment)
        _place(client, model, version, number)
    for recipe in model.unregistered:
        yield recipe.name
        if recipe.name not in complete:
            _train(recipe, rows, experiment)
    for recipe in model.failing:
        yield recipe.name
        if recipe.name not in complete:
            with suppress(ValueError):  # the run keeps it, as FAILED
                _train(recipe, rows, experiment)


def _experiment(client: MlflowClient, model: DemoModel, artifacts: Path) -> str:
    """The id of the model's experiment, made where it is missing."""
    experiment = client.get_experiment_by_name(model.experiment)
    if experiment is not None:
        return str(experiment.experiment_id)
    location = (artifacts / model.experiment).absolute().as_uri()
    return str(client.create_experiment(model.experiment, artifact_location=location, tags={STATE: FILLING}))


def _register(client: MlflowClient, model: DemoModel) -> None:
    if not client.search_registered_models(f"name = '{model.name}'"):
        client.create_registered_model(
            model.name, tags={**model.tags, STATE: MADE}, description=model.description
        )


def _complete_runs(
    client: MlflowClient, model: DemoModel, experiment: str, *, registered: set[str]
) -> dict[str, str]:
    """Run ids by recipe of what is there already; what an interruption left half made is deleted.

    A version is the last thing made for its recipe, so a run that has one is complete.
    """
    ends = dict.fromkeys((recipe.name for recipe in model.unregistered), "FINISHED")
    ends |= dict.fromkeys((recipe.name for recipe in model.failing), "FAILED")
    complete: dict[str, str] = {}
    for run in client.search_runs([experiment], f"tags.`{STATE}` = '{MADE}'"):
        if run.info.run_id in registered or ends.get(run.info.run_name) == run.info.status:
            complete[run.info.run_name] = run.info.run_id
        else:
            client.delete_run(run.info.run_id)
    return complete


def _add_version(
    client: MlflowClient, model: DemoModel, version: DemoVersion, rows: TrainingRows, experiment: str
) -> str:
    """Train and register; the number of the new version."""
    trained = _train(version.recipe, rows, experiment)
    registered = client.create_model_version(
        model.name,
        source=trained.model_uri,
        run_id=trained.run_id,
        tags={"recipe": version.recipe.name, "data_version": rows.version},
        description=version.recipe.description,
    )
    return str(registered.version)


def _train(recipe: Recipe, rows: TrainingRows, experiment: str) -> Trained:
    return train(recipe, rows, experiment_id=experiment, tags={STATE: MADE})


def _place(client: MlflowClient, model: DemoModel, version: DemoVersion, number: str) -> None:
    """Give a version its stage and its aliases; nothing changes where it has them."""
    client.transition_model_version_stage(model.name, number, version.stage)
    for alias in version.aliases:
        client.set_registered_model_alias(model.name, alias, number)
