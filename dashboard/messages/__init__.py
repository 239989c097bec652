"""Sentences in the reader's language, as looks/language.py has them, and the catalogues of translations.

`python -m dashboard.messages` brings the catalogues in line with the code.
"""

from looks.language import DEFAULT_LANGUAGE, FOLDER, LANGUAGES, Reader, _, _n, reader

__all__ = ["DEFAULT_LANGUAGE", "FOLDER", "LANGUAGES", "Reader", "_", "_n", "reader"]
