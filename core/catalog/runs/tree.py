"""Nested runs: a sweep as a tree, and the best so far over its trials."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PARENT: Final = "mlflow.parentRunId"  # the tag in which MLflow keeps the run that another is nested in
_MOST_DEEP: Final = 50  # levels; whoever nests runs deeper, or in a circle, sees them at this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of a sweep; `value` is its metric, None where it has none or no number."""

    id: str
    name: str
    parent: str = ""
    started: datetime | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A run in the tree, and how deep it stands; `children` counts the runs directly in it."""

    trial: Trial
    depth: int
    children: int


@dataclass(frozen=True, slots=True)
class Step:
    """A trial in order of start: `number` counts from 1, `best` is the best value up to here."""

    trial: Trial
    number: int
    best: float
    is_better: bool  # than all before


def tree(trials: Iterable[Trial]) -> tuple[Node, ...]:
    """All trials, each after the run that it is nested in, children in order of start.

    A run whose parent is not among them stands at the top. Runs nested in a circle stand there, too.
    """
    known = {trial.id: trial for trial in trials}
    inside: defaultdict[str, list[Trial]] = defaultdict(list)
    for trial in sorted(known.values(), key=_by_start):
        inside[trial.parent if trial.parent in known else ""].append(trial)
    nodes: dict[str, Node] = {}
    for top in (*inside[""], *sorted(known.values(), key=_by_start)):  # the latter: whoever is in a circle
        _place(top, inside, nodes)
    return tuple(nodes.values())


def _place(top: Trial, inside: Mapping[str, Sequence[Trial]], nodes: dict[str, Node]) -> None:
    waiting = [(top, 0)]
    while waiting:
        trial, depth = waiting.pop()
        if trial.id in nodes:
            continue
        children = inside.get(trial.id, ())
        nodes[trial.id] = Node(trial, depth, len(children))
        waiting.extend((child, min(depth + 1, _MOST_DEEP)) for child in reversed(children))


def best_so_far(trials: Iterable[Trial], *, higher: bool) -> tuple[Step, ...]:
    """The trials that have a value, in order of start, each with the best until then.

    Args:
        trials: Of one sweep; those without a finite value are left out.
        higher: A higher value is better.
    """
    steps: list[Step] = []
    best = -math.inf if higher else math.inf
    having = (trial for trial in trials if trial.value is not None and math.isfinite(trial.value))
    for number, trial in enumerate(sorted(having, key=_by_start), start=1):
        value = trial.value or 0.0
        is_better = value > best if higher else value < best
        best = value if is_better else best
        steps.append(Step(trial, number, best, is_better))
    return tuple(steps)


def _by_start(trial: Trial) -> tuple[float, str]:
    return (math.inf if trial.started is None else trial.started.timestamp(), trial.id)
