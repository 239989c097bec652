"""The head of a memo: what was compared, what came of it, how much the split can show, what the gate says."""

from collections.abc import Iterator
from typing import Final

from core.decision.gate_forms import DEFAULT_POLICY, basis, heading, rows
from core.decision.gate_report import GateReport
from core.errors import RunoffError
from core.evidence.comparison import ComparedVersion, Comparison, Status
from core.evidence.judgement import Judged
from core.evidence.sentences import (
    NO_VERDICT,
    VERDICTS,
    detectable_sentence,
    few_sentence,
    terms_sentence,
    verdict_sentence,
)
from core.evidence.statistics.verdict import Verdict
from core.messages import Message, message
from looks.language import _, _n, translate
from looks.numbers import integer, significant
from memo.document import Block, Cell, Paragraph, Section, Table, Tone
from memo.memo import Memo, candidates_of

_TONES: Final = {Verdict.BETTER: Tone.BETTER, Verdict.WORSE: Tone.WORSE, Verdict.CANNOT_TELL: Tone.QUIET}
_SIGNS: Final = {Verdict.BETTER: "▲", Verdict.NO_WORSE: "≈", Verdict.WORSE: "▼", Verdict.CANNOT_TELL: "?"}
_STATES: Final = {
    Status.SCORED: message("scored"),
    Status.FAILED: message("failed"),
    Status.SCORING: message("being scored…"),
    Status.WAITING: message("being scored…"),
    Status.NOT_SCORED: message("not scored"),
}


def facts(memo: Memo) -> Iterator[tuple[str, str]]:
    """What the memo is of, when it was made, and by what."""
    comparison, split = memo.comparison, memo.comparison.split
    counted = _n("{count} row", "{count} rows", split.rows)
    yield _("Test split"), split.source
    yield _("Rows"), f"{counted} · {_('{count} positive', count=integer(split.positives))}"
    yield _("Fingerprint"), split.fingerprint
    yield _("Threshold"), _threshold(comparison)
    yield _("Made"), f"{memo.made:%Y-%m-%d %H:%M} UTC"
    yield _("Application"), f"Runoff {memo.app_version}"


def versions(memo: Memo) -> Section:
    """The baseline and the candidates, with what tells each from any other."""
    head = (_("Version"), _("Role"), _("State"), _("Digest of its files"))
    table = Table(
        caption=_("Versions that are compared"),
        head=tuple(map(Cell.of, head)),
        rows=tuple(_version(memo, one) for one in memo.comparison.versions),
    )
    return Section(title=_("Versions"), blocks=(table, *_notes(memo)))


def verdicts(memo: Memo) -> Section:
    """A sentence on each candidate, and on what terms."""
    title, comparison, judgement = _("Verdicts"), memo.comparison, memo.judgement
    if comparison.baseline is None:
        text = _("No version of this model is in Production: choose a baseline to see differences.")
        return Section(title=title, blocks=(Paragraph(text),))
    candidates = candidates_of(comparison)
    if not candidates:
        return Section(title=title, blocks=(Paragraph(_("There is no candidate to judge.")),))
    table = Table(
        caption=_("Verdict on each candidate"),
        head=tuple(map(Cell.of, (_("Version"), _("Verdict"), _("Why")))),
        rows=tuple(_verdict(memo, one) for one in candidates),
    )
    terms = (Paragraph(_(terms_sentence(comparison, judgement)), is_note=True),) if judgement.verdicts else ()
    return Section(title=title, blocks=(table, *terms))


def reach(memo: Memo) -> Section:
    """What the split can show at all."""
    told = detectable_sentence(memo.comparison, memo.judgement)
    unknown = _("How small a difference this split can show is not known before versions are scored.")
    blocks = [Paragraph(unknown if told is None else _("{sentence}.", sentence=told))]
    if memo.judgement.is_few:
        blocks.append(Paragraph(_(few_sentence(memo.comparison))))
    return Section(title=_("What the split can show"), blocks=tuple(blocks))


def gates(memo: Memo) -> Section:
    """The checks of each candidate."""
    blocks = [block for number, report in memo.gates.items() for block in _gate(number, report)]
    nothing = Paragraph(_("There is no candidate to check."))
    return Section(title=_("Gate"), blocks=tuple(blocks) or (nothing,))


def _threshold(comparison: Comparison) -> str:
    """One for all, or each version's own."""
    if not comparison.thresholds:
        return significant(comparison.threshold)
    numbers = (one.version.number for one in comparison.versions)
    return " · ".join(f"v{number} {significant(comparison.threshold_of(number))}" for number in numbers)


def _version(memo: Memo, one: ComparedVersion) -> tuple[Cell, ...]:
    number = one.version.number
    role = _("baseline") if number == memo.comparison.baseline else _("candidate")
    place = _("{role}, in Production", role=role) if number == memo.production else role
    digest = one.evaluation.digest if one.evaluation else _("n/a")
    return Cell.of(f"v{number}", version=number), Cell.of(place), Cell.of(_state(one)), Cell.of(digest)


def _state(one: ComparedVersion) -> str:
    told = _(_STATES[one.state.status])
    return told if one.state.error is None else f"{told}: {one.state.error.read(translate)}"


def _notes(memo: Memo) -> Iterator[Paragraph]:
    """What scoring noted of a version."""
    for one in memo.comparison.versions:
        for note in one.evaluation.notes if one.evaluation else ():
            yield Paragraph(f"v{one.version.number}: {_(note)}", is_note=True)


def _verdict(memo: Memo, one: ComparedVersion) -> tuple[Cell, ...]:
    number = one.version.number
    name = Cell.of(f"v{number}", version=number)
    judged = memo.judgement.verdicts.get(number)
    if judged is None:
        return name, Cell.of(_(NO_VERDICT), tone=Tone.QUIET), Cell.of(_unjudged(memo, one))
    why = Cell.of(_(verdict_sentence(memo.comparison, memo.judgement, number)))
    if not isinstance(judged, Judged):
        return name, Cell.of(_(NO_VERDICT), tone=Tone.QUIET), why
    tone = _TONES.get(judged.verdict, Tone.PLAIN)
    return name, Cell.of(f"{_SIGNS[judged.verdict]} {_(VERDICTS[judged.verdict])}", tone=tone), why


def _unjudged(memo: Memo, one: ComparedVersion) -> str:
    if one.evaluation is None:
        return _state(one)
    return _("Its verdict needs the scores of the baseline, v{number}.", number=memo.comparison.baseline)


def _gate(number: int, report: GateReport | RunoffError) -> Iterator[Block]:
    if isinstance(report, RunoffError):
        yield Paragraph(f"v{number}: {report.read(translate)}")
        return
    told: list[Message] = [basis(report)]
    if report.is_default:
        told.append(DEFAULT_POLICY)
    yield Table(
        caption=_(heading(report)),
        head=tuple(map(Cell.of, (_("check"), _("outcome"), _("severity"), _("reason")))),
        rows=tuple((Cell.of(_check(name)), *map(Cell.of, rest)) for name, *rest in rows(report, translate)),
    )
    yield Paragraph(" ".join(map(_, told)), is_note=True)


def _check(name: str) -> str:
    """A check's slices are indented below it."""
    return f"— {name.strip()}" if name.startswith(" ") else name
