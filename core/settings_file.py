"""A configuration file as sections that hand out values of the right type, or say which place is wrong."""

import math
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from core.errors import SettingsError
from core.messages import Message, message
from core.quoting import nearest, quoted
from core.yaml_file import below

_QUOTES = message("Put it in quotes.")


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping in the file. An absent key and one without a value (null) are the same."""

    file: str  # as the person named it
    place: str  # "" for the whole file, else as in models.titanic-survival.split
    values: Mapping[Hashable, object]

    def at(self, key: Hashable) -> str:
        """The place of one of its keys."""
        return below(self.place, key)

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads."""
        for key in self.values:
            if key not in known:
                title = message("{file}: {place} is not a setting.", file=self.file, place=self.at(key))
                raise SettingsError(title, suggestion(str(key), known))

    def text(self, key: str) -> str | None:
        """Text that is not blank. No message shows its value, which may hold a password."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._not_text(key)
        if not value.strip():
            title = message("{file}: {place} is empty.", file=self.file, place=self.at(key))
            raise SettingsError(title, message("Write a value, or leave the line out."))
        return value

    def needed_text(self, key: str) -> str:
        """Text that must be there."""
        value = self.text(key)
        if value is None:
            title = message("{file}: {place} is missing.", file=self.file, place=self.at(key))
            raise SettingsError(title, message("Add {key}: below {place}.", key=key, place=self.place))
        return value

    def choice(self, key: str, known: Collection[str]) -> str | None:
        """One of the known words."""
        value = self.text(key)
        if value is not None and value not in known:
            raise self.unfit(key, suggestion(value, known))
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where absent."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        raise self.unfit(key, message("Write true or false."))

    def number(self, key: str, *, above: float = 0.0, below: float = math.inf) -> float | None:
        """A number with above <= number < below."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not above <= value < below:
            hint = (
                message("Write a number from {low}.", low=f"{above:g}")
                if math.isinf(below)
                else message(
                    "Write a number from {low} to below {high}.", low=f"{above:g}", high=f"{below:g}"
                )
            )
            raise self.unfit(key, hint)
        return float(value)

    def label(self, key: Hashable) -> str | int | float | bool | None:
        """A single value as it may stand in a column."""
        value = self.values.get(key)
        if value is None or isinstance(value, str | int | float):
            return value
        raise self.unfit(key, message("Write one value: text, a number, true or false."))

    def items(self, key: str) -> tuple[object, ...] | None:
        """A list of anything."""
        value = self.values.get(key)
        if value is None or isinstance(value, list):
            return None if value is None else tuple(value)
        raise self.unfit(key, message("Write a list: [first, second]."))

    def names(self, key: str) -> tuple[str, ...] | None:
        """A list of column names, each once."""
        names = self.items(key) or ()
        for position, name in enumerate(names):
            place = f"{self.at(key)}[{position}]"
            if not isinstance(name, str):
                title = message("{file}: {place} must be text.", file=self.file, place=place)
                raise SettingsError(title, _QUOTES)
            if name in names[:position]:
                raise SettingsError(
                    message(
                        "{file}: {place} is {name} again.", file=self.file, place=place, name=quoted(name)
                    ),
                    message("Name each column once."),
                )
        return cast("tuple[str, ...]", names) if self.values.get(key) is not None else None

    def section(self, key: str) -> "Section | None":
        """A mapping below this one."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.unfit(key, message("Write its settings below it, indented."))
        return Section(self.file, self.at(key), value)

    def sections(self) -> Iterator[tuple[str, "Section"]]:
        """Each key, which must be text, with the mapping below it: an empty one for a bare key."""
        for key in self.values:
            if not isinstance(key, str):
                raise self._not_text(key)
            yield key, self.section(key) or Section(self.file, self.at(key), {})

    def unfit(self, key: Hashable, hint: Message) -> SettingsError:
        """The error for a value that cannot stand at a key. Not for one that may hold a password."""
        value = self.values.get(key)
        if isinstance(value, str | int | float):
            shown = quoted(value)
            title = message(
                "{file}: {place} cannot be {value}.", file=self.file, place=self.at(key), value=shown
            )
        else:
            title = message("{file}: {place} is of the wrong kind.", file=self.file, place=self.at(key))
        return SettingsError(title, hint)

    def _not_text(self, key: Hashable) -> SettingsError:
        title = message("{file}: {place} must be text.", file=self.file, place=self.at(key))
        return SettingsError(title, _QUOTES)


def suggestion(word: str, known: Collection[str]) -> Message:
    """The known word that was probably meant, or all of them."""
    meant = nearest(word, known)
    if meant is None:
        return message("Known here: {names}.", names=", ".join(known))
    return message("Did you mean {name}?", name=meant)
