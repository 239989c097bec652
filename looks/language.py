"""Sentences in the reader's language.

A template is English and is the key of its translation in `en.po` and `ja.po`; Babel compiles both in
memory when first asked. Who reads is a `Reader` in a context variable: the web server sets it for each
request (dashboard/request.py), a command or a job sets its own.

Write `_("Runs")`, `_("{name} is gone", name=name)`, `_n("{count} run", "{count} runs", count)`, or hand
over a `Message` from core: `_(error.title)`. Templates are literals: `python -m dashboard.messages`
collects them into the catalogues.
"""

import gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core.messages import Message

FOLDER = Path(__file__).parent.parent / "dashboard" / "messages"  # beside the module that collects them
LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "ja": "日本語"})
DEFAULT_LANGUAGE = "en"
_LOCALES = {"en": "en_GB", "ja": "ja_JP"}  # en_GB: 12 Nov 2026, 14:05


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a key of LANGUAGES, and the time zone of their clock."""

    language: str = DEFAULT_LANGUAGE
    zone: tzinfo = UTC

    @property
    def locale(self) -> Locale:
        """How this reader writes numbers and dates."""
        return Locale.parse(_LOCALES[self.language])


reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039 - a Reader is frozen


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    with (FOLDER / f"{language}.po").open("rb") as po:
        compiled = io.BytesIO()
        write_mo(compiled, read_po(po, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(template: str) -> str:
    """The template in the reader's language, its values still to be filled in: what core's texts ask for."""
    return _catalogue(reader.get().language).gettext(template)


@contextmanager
def reading(language: str) -> Iterator[None]:
    """A reader of a key of LANGUAGES, whose clock shows UTC, until the block ends."""
    token = reader.set(Reader(language))
    try:
        yield
    finally:
        reader.reset(token)


def _(text: str | Message, /, **values: object) -> str:
    """The sentence in the reader's language; English where it has no translation."""
    sentence = text if isinstance(text, Message) else Message(text, values)
    return sentence.read(translate)


def _n(one: str, many: str, count: int, /, **values: object) -> str:
    """The sentence for a number of things; `{count}` in it is written as the reader's locale does."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - 20 ms that a start without numbers saves

    template = _catalogue(reader.get().language).ngettext(one, many, count)
    return template.format(count=format_decimal(count, locale=reader.get().locale), **values)
