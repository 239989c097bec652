"""A document as HTML that opens offline, and as Markdown for a pull request.

Every text is escaped unless a template says otherwise: by Jinja's autoescape in HTML, by `_plain` in
Markdown. The HTML holds no script and loads nothing; a policy in its head keeps it so.
"""

import re
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from looks.palette import FONT, PALETTES, Scheme
from memo.curves import SIDE, TICKS
from memo.document import Code, Curves, Document, Paragraph, Table

FORMS: Final = ("html", "markdown")
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|&~!])")
_KINDS: Final = {Table: "table", Paragraph: "paragraph", Code: "code", Curves: "curves"}


def render(document: Document, form: str) -> str:
    """The document in one of FORMS."""
    return as_markdown(document) if form == "markdown" else as_html(document)


def as_html(document: Document) -> str:
    """One file that needs no other."""
    return (
        _html()
        .get_template("memo.html.j2")
        .render(
            document=document,
            light=PALETTES[Scheme.LIGHT],
            dark=PALETTES[Scheme.DARK],
            font=Markup(FONT),  # noqa: S704 - a constant of ours, whose quotes CSS needs
            side=SIDE,
            ticks=TICKS,
            looks={swatch.number: swatch for swatch in document.swatches},
        )
    )


def as_markdown(document: Document) -> str:
    """Headings, lists and tables as GitHub reads them."""
    text = _markdown().get_template("memo.md.j2").render(document=document)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class _Verbatim(str):
    """Text that is Markdown already."""

    __slots__ = ()


def _kind(block: object) -> str:
    return _KINDS[type(block)]


def _plain(value: object) -> object:
    """A text on one line with nothing in it that Markdown or HTML would take for markup."""
    if isinstance(value, str) and not isinstance(value, _Verbatim):
        return _MARKS.sub(r"\\\1", " ".join(value.split()))
    return value


def _indented(text: str) -> _Verbatim:
    """Lines of code, which nothing in them can end."""
    return _Verbatim("\n".join(f"    {line}" for line in text.splitlines()))


@cache
def _html() -> Environment:
    made = Environment(
        loader=PackageLoader("memo"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = _kind
    return made


@cache
def _markdown() -> Environment:
    made = Environment(  # noqa: S701 - HTML's escapes are not Markdown's: `finalize` has those
        loader=PackageLoader("memo"),
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"kind": _kind, "indented": _indented}
    return made
