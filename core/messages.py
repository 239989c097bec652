"""Sentences for people, kept apart from the language in which they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Message:
    """An English template with named values; the template is the key of its translation.

    A value may be a message of its own: it is read in the same language.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.read(lambda template: template)

    def read(self, translate: Translate) -> str:
        """The sentence, its template looked up by `translate` before the values are filled in."""
        values = {
            name: value.read(translate) if isinstance(value, Message) else value
            for name, value in self.values.items()
        }
        return translate(self.template).format(**values)


def message(template: str, /, **values: object) -> Message:
    """Mark a sentence for translation (the catalogues are extracted from calls of this name)."""
    return Message(template, values)
