"""A card for each candidate: what it was found to be against the baseline, in one sentence."""

from typing import Final

from core.evidence.amounts import Amounts
from core.evidence.comparison import ComparedVersion, Comparison, Status
from core.evidence.judgement import Judged, Judgement
from core.evidence.metrics import METRIC
from core.evidence.sentences import NO_VERDICT, VERDICTS, verdict_sentence
from core.evidence.statistics.verdict import Verdict
from dashboard.components.elements import Element, element
from dashboard.figures.plane import Marks
from dashboard.marks import Mark
from dashboard.messages import _
from dashboard.theme import Scheme

_SIGNS: Final = {Verdict.BETTER: "▲", Verdict.NO_WORSE: "≈", Verdict.WORSE: "▼", Verdict.CANNOT_TELL: "?"}


def waiting_cards(comparison: Comparison, marks: Marks, scheme: Scheme) -> list[Element]:
    """A card for each candidate that says what its verdict waits for; none without a baseline."""
    if comparison.baseline is None:
        return []
    base = comparison.find(comparison.baseline)
    return [
        _card(one.version.number, marks[one.version.number], scheme, *_waiting(one, base))
        for one in comparison.versions
        if one is not base
    ]


def judged_cards(
    comparison: Comparison, judgement: Judgement, marks: Marks, scheme: Scheme
) -> dict[int, Element]:
    """The cards of the candidates that were judged, by version number."""
    return {
        number: _card(number, marks[number], scheme, *_told(comparison, judgement, number), _gate(number))
        for number in judgement.verdicts
    }


def _card(number: int, mark: Mark, scheme: Scheme, *body: Element) -> Element:
    striped = " verdict-striped" if mark.lap else ""
    head, *rest = body
    return element(
        "section",
        element("div", element("h2", f"v{number}"), head, class_="verdict-head"),
        *rest,
        class_=f"box verdict{striped}",
        style=f"--hue: {mark.color(scheme)}",
        data_verdict=str(number),
    )


def _waiting(one: ComparedVersion, base: ComparedVersion) -> tuple[Element, ...]:
    """A chip and a sentence for a candidate that nobody has judged yet."""
    status = one.state.status
    if status is Status.FAILED:
        title = "" if one.state.error is None else _(one.state.error.title)
        return _chip(_("failed"), "failed"), _line(title)
    if one.evaluation is None:
        is_busy = status in (Status.SCORING, Status.WAITING)
        told = _("being scored…") if is_busy else _("not scored")
        return _chip(told, "waiting"), _line(_("Its verdict needs its scores on the test split."))
    if base.evaluation is None:
        text = _("Its verdict needs the scores of the baseline, v{number}.", number=base.version.number)
        return _chip(_("no baseline"), "waiting"), _line(text)
    spinner = element("span", class_="spinner-border spinner-border-sm", aria_hidden="true")
    chip = element("span", spinner, _("computing how sure…"), class_="verdict-chip", data_kind="waiting")
    return chip, element("p", class_="verdict-line")


def _told(comparison: Comparison, judgement: Judgement, number: int) -> tuple[Element, ...]:
    judged = judgement.verdicts[number]
    sentence = _line(_(verdict_sentence(comparison, judgement, number)))
    if not isinstance(judged, Judged):
        return _chip(_(NO_VERDICT), "unknown"), sentence
    metric = METRIC[comparison.primary_metric]
    write = Amounts.of(metric, judged.difference.interval)
    big = element(
        "p",
        element("b", _(write.signed(judged.difference.value))),
        " ",
        element("span", _(metric.title), class_="card-note"),
        class_="verdict-difference",
    )
    sign = element("span", _SIGNS[judged.verdict], aria_hidden="true")
    chip = element(
        "span", sign, _(VERDICTS[judged.verdict]), class_="verdict-chip", data_kind=judged.verdict.value
    )
    return chip, big, sentence


def _gate(number: int) -> Element:
    """Where the gate's line will be: it may take longer."""
    return element("div", class_="verdict-gate", data_gate=str(number))


def _chip(text: str, kind: str) -> Element:
    return element("span", text, class_="verdict-chip", data_kind=kind)


def _line(text: str) -> Element:
    return element("p", text, class_="verdict-line")
