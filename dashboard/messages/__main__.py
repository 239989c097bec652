"""`python -m dashboard.messages`: bring the catalogues in line with the code.

New templates get an entry (English as it is, Japanese empty: fill it in), templates that the code no
longer holds lose theirs.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from dashboard.messages import DEFAULT_LANGUAGE, FOLDER, LANGUAGES

ROOT: Final = FOLDER.parent.parent
SOURCES: Final = ("core", "looks", "memo", "dashboard", "commands")
TAKERS: Final = {"_": 1, "message": 1, "_n": 2}  # how many templates a call takes

Template = str | tuple[str, ...]  # a tuple is singular and plural


def templates() -> set[Template]:
    """Every template in the code.

    Read off the syntax tree: Babel's own extraction reads tokens, and before Python 3.12 it misses what
    stands in an f-string.
    """
    return {template for call in calls() if (template := _template(call)) is not None}


def calls() -> Iterator[ast.Call]:
    """Every call that takes a template."""
    for path in [ROOT / "app.py", *(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TAKERS:
                yield node


def _template(call: ast.Call) -> Template | None:
    """The literal, or pair of literals, that a call takes; None where it hands on what was one elsewhere."""
    assert isinstance(call.func, ast.Name)
    texts = [
        argument.value
        for argument in call.args[: TAKERS[call.func.id]]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if len(texts) != TAKERS[call.func.id]:
        return None
    return texts[0] if len(texts) == 1 else tuple(texts)


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
