"""How a model's fixed test split is configured: the values, how they are read, what a person may write."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from core.errors import SettingsError
from core.messages import message
from core.quoting import quoted
from core.settings_file import Section
from core.yaml_file import scalar

Label = str | int | float | bool
_WIDTH = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """scikit-learn's `train_test_split`, with these arguments, keeps the test rows."""

    test_size: float | int = 0.25  # scikit-learn's own default
    random_state: int | None = None
    stratify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSettings:
    """Where the fixed test split comes from and how its rows are made."""

    data: str = field(repr=False)  # an absolute path or a URL, which may hold a password
    shown_as: str  # as it was written, for people: no password in it
    target: str
    positive: Label | None = None
    features: tuple[str, ...] | None = None
    map: Mapping[str, Mapping[Label, Label | None]] = field(default_factory=dict, hash=False)  # None: missing
    drop_missing: bool = False
    holdout: Holdout | None = None
    id: str | None = None
    slices: tuple[str, ...] = ()

    @property
    def is_remote(self) -> bool:
        """Whether the data come over the network, where looking for a change costs time."""
        return "://" in self.data


def split_settings(split: Section, base: Path) -> SplitSettings:
    """Read the section `split` of a model; relative paths start at `base`."""
    split.only("data", "target", "positive", "features", "map", "drop_missing", "holdout", "id", "slices")
    data, shown_as = _data(split, base)
    target = split.needed_text("target")
    features = split.names("features")
    if target in (features or ()):
        title = message("{file}: {place} holds the target.", file=split.file, place=split.at("features"))
        raise SettingsError(title, message("Take {target} out of the features.", target=quoted(target)))
    holdout = split.section("holdout")
    return SplitSettings(
        data=data,
        shown_as=shown_as,
        target=target,
        positive=split.label("positive"),
        features=features or None,
        map=_replacements(split),
        drop_missing=split.flag("drop_missing"),
        holdout=_holdout(holdout) if holdout else None,
        id=split.text("id"),
        slices=split.names("slices") or (),
    )


def _data(split: Section, base: Path) -> tuple[str, str]:
    """Where the data are, and how a person may see it."""
    written = split.needed_text("data")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", written):
        path = Path(written).expanduser() if written.startswith("~/") else Path(written)
        return str(base / path), written
    try:
        url = urlsplit(written)
    except ValueError:
        title = message("{file}: {place} is no valid URL.", file=split.file, place=split.at("data"))
        raise SettingsError(title) from None
    if url.scheme == "file":
        return url2pathname(url.path), written
    if url.scheme not in ("http", "https", "s3") or not url.hostname:
        title = message(
            "{file}: {place} is no URL that can be read.", file=split.file, place=split.at("data")
        )
        raise SettingsError(
            title, message("Name a file, a folder, or an address with http://, https:// or s3://.")
        )
    shown = url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl()
    return written, shown


def _replacements(split: Section) -> dict[str, Mapping[Label, Label | None]]:
    columns = split.section("map")
    if columns is None:
        return {}
    found: dict[str, Mapping[Label, Label | None]] = {}
    for column, values in columns.sections():
        for value in values.values:
            if not isinstance(value, Label):
                title = message("{file}: {place} is no value.", file=split.file, place=values.at(value))
                raise SettingsError(title, message("Write a value on either side: male: 0."))
        found[column] = {value: values.label(value) for value in values.values if isinstance(value, Label)}
    return found


def _is_test_size(size: Label) -> bool:
    if type(size) is float:
        return 0 < size < 1
    return type(size) is int and size > 0


def _holdout(holdout: Section) -> Holdout:
    holdout.only("test_size", "random_state", "stratify")
    size = holdout.label("test_size")
    if size is not None and not _is_test_size(size):
        raise holdout.unfit("test_size", message("Write a share between 0 and 1, or a number of rows."))
    state = holdout.label("random_state")
    if state is None:
        title = message("{file}: {place} is missing.", file=holdout.file, place=holdout.at("random_state"))
        raise SettingsError(
            title, message("Without the number that the training used, no two test splits are the same.")
        )
    if type(state) is not int or not 0 <= state < 2**32:
        raise holdout.unfit("random_state", message("Write the whole number that the training used."))
    return Holdout(
        test_size=size if isinstance(size, float | int) else 0.25,
        random_state=state,
        stratify=holdout.flag("stratify"),
    )


def split_example(model: str, columns: Sequence[str]) -> str:
    """The lines of YAML that give a model a test split, ready to be changed where they must be.

    `columns` are the inputs of its signature; without any, features are left to each version's own.
    """
    target = next(
        name for name in chain(["target"], map("target_{}".format, count(2))) if name not in columns
    )
    lines = [
        "models:",
        f"  {scalar(model)}:",
        "    split:",
        "      data: data/test.csv",
        f"      target: {target}",
        "      positive: 1",
    ]
    features = f"      features: [{', '.join(map(scalar, columns))}]"
    if len(features) > _WIDTH:
        lines += ["      features:", *(f"        - {scalar(column)}" for column in columns)]
    elif columns:
        lines.append(features)
    return "\n".join(lines) + "\n"
