"""The rows of a test split out of a table: values replaced, missing ones dropped, held out, labelled.

The order of these steps is that of a training script that maps, drops and calls `train_test_split`, so the
rows are the very ones that it left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import SplitError
from core.evidence.labels import Coded, coded, matching
from core.messages import Message, message
from core.quoting import listed, nearest, quoted
from core.split_settings import Holdout, Label, SplitSettings

_MANY = 20  # more different numbers than this are no labels but quantities


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitRows:
    """The rows of a split, with every column; `labels` and `numbers` are (rows,)."""

    frame: pd.DataFrame
    labels: NDArray[np.bool_]
    positive: Label
    negative: Label
    numbers: NDArray[np.int64]  # of each row in the data, from 1
    total: int  # rows in the data
    dropped: int  # of them, for a missing value


def rows_of(table: pd.DataFrame, split: SplitSettings) -> SplitRows:
    """Make the rows of a split.

    Raises:
        SplitError: the first check that fails, in one sentence.
    """
    _require_columns(table, split)
    total = len(table)
    if not total:
        raise SplitError(
            message("{source} has no rows.", source=split.shown_as), message("Name data with rows.")
        )
    table = _mapped(table, split)
    numbers = np.flatnonzero(_complete(table, split)) + 1
    if len(numbers) < total:
        table = table.iloc[numbers - 1]
    target = _target(table, split)
    positive, negative = _two_labels(target, split)
    rows = np.arange(len(table))
    if split.holdout is not None:
        rows = _held_out(table[split.target], split, split.holdout)
        table = table.iloc[rows]
    labels = target.codes[rows] == target.labels.index(positive)
    if labels.all() or not labels.any():
        raise _one_class(len(rows), positive if labels.all() else negative, split)
    return SplitRows(
        frame=table.reset_index(drop=True),
        labels=labels,
        positive=positive,
        negative=negative,
        numbers=numbers[rows],
        total=total,
        dropped=total - len(numbers),
    )


def _require_columns(table: pd.DataFrame, split: SplitSettings) -> None:
    known = [str(name) for name in table.columns]
    needed = dict.fromkeys([split.target, *(split.features or ()), *split.map, *split.slices])
    if split.id is not None:
        needed[split.id] = None
    absent = [name for name in needed if name not in known]
    if not absent:
        return
    meant = nearest(absent[0], known)
    hint = message("Its columns are {columns}.", columns=listed(known))
    if len(known) == 1:
        hint = message(
            "Its only column is {column}: are its cells separated by commas?", column=quoted(known[0])
        )
    elif meant is not None:
        hint = message("Did you mean {name}?", name=quoted(meant))
    raise SplitError(
        message("{source} has no column {columns}.", source=split.shown_as, columns=listed(absent)), hint
    )


def _mapped(table: pd.DataFrame, split: SplitSettings) -> pd.DataFrame:
    """The table with the values of `map` replaced; what is missing stays missing."""
    table = table.copy(deep=False)
    for name, values in split.map.items():
        column = _coded(table[name], split)
        keys = [matching(label, values) for label in column.labels]
        unnamed = [label for label, key in zip(column.labels, keys, strict=True) if key is None]
        if unnamed:
            title = message(
                "{column} of {source} holds values that map does not name: {values}.",
                column=quoted(name), source=split.shown_as, values=listed(unnamed),
            )  # fmt: skip
            raise SplitError(title, message("Name them too, with null for those that count as missing."))
        new = pd.Series([values[key] for key in keys if key is not None])
        table[name] = new.reindex(column.codes).set_axis(table.index)
    return table


def _complete(table: pd.DataFrame, split: SplitSettings) -> NDArray[np.bool_]:
    """(rows,) whether a row stays. Without configured features every column counts."""
    complete = np.ones(len(table), dtype=np.bool_)
    if not split.drop_missing:
        return complete
    names = table.columns if split.features is None else [*split.features, split.target]
    for name in names:
        complete &= table[name].notna().to_numpy(dtype=np.bool_)
    if not complete.any():
        missing = table[list(names)].isna().sum().sort_values(ascending=False, kind="stable")
        title = message(
            "Each of the {rows} rows of {source} has a missing value.", rows=len(table), source=split.shown_as
        )
        hint = message(
            "Most are missing in {column}: name the features that count.", column=quoted(missing.index[0])
        )
        raise SplitError(title, hint)
    return complete


def _target(table: pd.DataFrame, split: SplitSettings) -> Coded:
    target = _coded(table[split.target], split)
    missing = int((target.codes < 0).sum())
    if missing:
        title = message(
            "{missing} of {rows} rows of {source} have no value in the target {target}.",
            missing=missing, rows=len(table), source=split.shown_as, target=quoted(split.target),
        )  # fmt: skip
        raise SplitError(title, message("Fill them in, or set drop_missing: true to leave them out."))
    return target


def _coded(column: pd.Series, split: SplitSettings) -> Coded:
    try:
        return coded(column)
    except TypeError as error:
        name = quoted(column.name)
        title = message("{column} of {source} holds no labels.", column=name, source=split.shown_as)
        raise SplitError(title, message("Its values must be text, numbers, or true and false.")) from error


def _two_labels(target: Coded, split: SplitSettings) -> tuple[Label, Label]:
    """The positive and the negative label."""
    labels, name = target.labels, quoted(split.target)
    if len(labels) == 1:
        raise _one_class(len(target.codes), labels[0], split)
    if len(labels) > 2:  # noqa: PLR2004 - binary
        hint = message("So far Runoff compares binary classifiers: two labels. map can make two of several.")
        raise SplitError(_too_many(labels, split), hint)
    if split.positive is not None:
        positive = matching(split.positive, labels)
        if positive is None:
            title = message(
                "The positive label {label} is not among those of {target} in {source}: {labels}.",
                label=quoted(split.positive), target=name, source=split.shown_as, labels=listed(labels),
            )  # fmt: skip
            raise SplitError(title, message("Write one of these under positive."))
    elif any(isinstance(label, str) for label in labels) or set(labels) != {0, 1}:
        title = message("Nobody said which label of {target} is the positive one.", target=name)
        raise SplitError(
            title, message("Write one of these under positive: {labels}.", labels=listed(labels))
        )
    else:
        positive = max(labels)
    return positive, labels[1 - labels.index(positive)]


def _too_many(labels: Sequence[Label], split: SplitSettings) -> Message:
    name, count = quoted(split.target), len(labels)
    if count > _MANY and not any(isinstance(label, str) for label in labels):
        return message(
            "{target} of {source} holds {count} different numbers, like the target of a regression.",
            target=name, source=split.shown_as, count=count,
        )  # fmt: skip
    return message(
        "{target} of {source} holds {count} labels: {labels}.",
        target=name, source=split.shown_as, count=count, labels=listed(labels),
    )  # fmt: skip


def _one_class(rows: int, label: Label, split: SplitSettings) -> SplitError:
    title = message(
        "All {rows} test rows of {source} have the label {label}.",
        rows=rows, source=split.shown_as, label=quoted(label),
    )  # fmt: skip
    return SplitError(title, message("A comparison needs test rows of both labels."))


def _held_out(target: pd.Series, split: SplitSettings, holdout: Holdout) -> NDArray[np.int64]:
    """The rows that scikit-learn's `train_test_split` gives to the test, in its order."""
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 - a second of start-up that few need

    try:
        _, held = train_test_split(
            np.arange(len(target)),
            test_size=holdout.test_size,
            random_state=holdout.random_state,
            stratify=target.to_numpy() if holdout.stratify else None,
        )
    except ValueError as error:
        title = message(
            "The test rows cannot be held out of the {rows} rows of {source}: {reason}",
            rows=len(target), source=split.shown_as, reason=str(error).partition("\n")[0],
        )  # fmt: skip
        raise SplitError(title, message("Change holdout for this model.")) from error
    return np.asarray(held, dtype=np.int64)
