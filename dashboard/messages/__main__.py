"""`python -m dashboard.messages`: bring the catalogues in line with the code.

New templates get an entry (English as it is, Japanese empty: fill it in), templates that the code no
longer holds lose theirs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po

from dashboard.messages import DEFAULT_LANGUAGE, FOLDER, LANGUAGES

ROOT: Final = FOLDER.parent.parent
SOURCES: Final = ("core", "dashboard", "commands")
KEYWORDS: Final = {"_": None, "message": None, "_n": (1, 2)}

Template = str | tuple[str, ...]  # a tuple is singular and plural


def templates() -> set[Template]:
    """Every template in the code."""
    return set(_extracted())


def _extracted() -> Iterator[Template]:
    for folder in SOURCES:
        if (ROOT / folder).is_dir():
            for _path, _line, template, _comments, _context in extract_from_dir(
                ROOT / folder, method_map=[("**.py", "python")], keywords=KEYWORDS
            ):
                yield template
    for _line, template, _comments, _context in extract_from_file(
        "python", ROOT / "app.py", keywords=KEYWORDS
    ):
        yield template


def catalogue(language: str) -> Catalog:
    """The catalogue as it is kept."""
    with _path(language).open("rb") as po:
        return read_po(po, locale=language)


def updated(language: str, wanted: set[Template]) -> Catalog:
    """The kept catalogue with exactly the wanted templates."""
    kept = catalogue(language)
    fresh = Catalog(locale=language)
    for template in wanted:
        known = kept.get(template if isinstance(template, str) else template[0])
        translation = known.string if known is not None and known.id == template else ""
        fresh.add(template, template if language == DEFAULT_LANGUAGE else translation)
    return fresh


def _path(language: str) -> Path:
    return FOLDER / f"{language}.po"


def main() -> None:
    """Rewrite both catalogues."""
    wanted = templates()
    for language in LANGUAGES:
        with _path(language).open("wb") as po:
            write_po(po, updated(language, wanted), width=110, sort_output=True, omit_header=True)


if __name__ == "__main__":
    main()
