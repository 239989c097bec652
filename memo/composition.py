"""From the values of a memo to what is read, top to bottom as on the page, in the reader's language."""

import re
import shlex
from typing import Final
from urllib.parse import quote, urlencode

from core.evidence.comparison import Comparison
from looks.language import _, reader
from looks.marks import marks
from looks.palette import Scheme
from memo import measures, rows, summary
from memo.differing import differing
from memo.document import Code, Document, Paragraph, Section, Swatch
from memo.memo import Memo, candidates_of

_DASHES: Final = {
    "solid": "",
    "dash": "24 12",
    "dot": "6 10",
    "dashdot": "24 10 6 10",
}  # plotly's words, in units


def compose(memo: Memo, *, form: str, address: str = "") -> Document:
    """The document; `form` is html or markdown, `address` that of the view, where it is served."""
    return Document(
        title=_("Decision memo: {model}", model=memo.comparison.model),
        language=reader.get().language,
        facts=tuple(summary.facts(memo)),
        sections=(
            summary.versions(memo),
            summary.verdicts(memo),
            summary.reach(memo),
            summary.gates(memo),
            measures.metrics(memo),
            measures.curves(memo),
            measures.confusion(memo),
            rows.slices(memo),
            rows.flips(memo),
            differing(memo),
            _reproduction(memo.comparison, form=form, address=address or view_address(memo.comparison)),
        ),
        swatches=_swatches(memo),
    )


def file_name(model: str, form: str) -> str:
    """memo-titanic-survival.html: letters, digits and dashes alone, whatever the model is called."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", model)[:60].strip("-").lower()
    return f"memo-{plain or 'model'}.{'md' if form == 'markdown' else 'html'}"


def view_address(comparison: Comparison) -> str:
    """The path and query of the page that shows this comparison."""
    numbers = ",".join(str(one.version.number) for one in candidates_of(comparison))
    query = {
        "baseline": "production" if comparison.baseline is None else str(comparison.baseline),
        "versions": numbers,
        "threshold": repr(comparison.threshold),
    }
    return f"/models/{quote(comparison.model, safe='')}?{urlencode(query, safe=',')}"


def command_line(comparison: Comparison, form: str) -> str:
    """What makes the same memo on the command line."""
    words = ["python", "app.py", "compare", "--format", form, "--language", reader.get().language]
    numbers = ",".join(str(one.version.number) for one in candidates_of(comparison))
    if numbers:
        words += ["--versions", numbers]
    if comparison.baseline is not None:
        words += ["--baseline", str(comparison.baseline)]
    words += ["--threshold", repr(comparison.threshold)]
    if comparison.model.startswith("-"):
        words.append("--")
    return f"{shlex.join([*words, comparison.model])} > {file_name(comparison.model, form)}"


def _reproduction(comparison: Comparison, *, form: str, address: str) -> Section:
    title, view = _("How to see this again"), Code(_("Address of the view"), address)
    if comparison.thresholds:
        note = _("On the command line all versions are at one threshold; this view is on the page alone.")
        return Section(title=title, blocks=(view, Paragraph(note, is_note=True)))
    command = Code(_("Command that makes this memo"), command_line(comparison, form))
    note = _("Both show the same numbers as long as the versions' files and the test split are the same.")
    return Section(title=title, blocks=(view, command, Paragraph(note, is_note=True)))


def _swatches(memo: Memo) -> tuple[Swatch, ...]:
    look = marks((one.version.number for one in memo.comparison.versions), memo.production)
    return tuple(
        Swatch(number, mark.color(Scheme.LIGHT), mark.color(Scheme.DARK), _DASHES[mark.dash], mark.width)
        for number, mark in look.items()
    )
