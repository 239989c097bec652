"""What a move will change, before the click that counts.

A native `<dialog>`: the browser keeps the focus inside, closes it on Escape, and gives the focus back.
assets/promotion.js opens it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dash import html

from core.catalog.store import PRODUCTION
from core.decision.record import Kind, Numbers, VersionRef
from core.decision.standing import Preview
from core.evidence.metrics import METRICS, Metric
from core.messages import message
from dashboard.components.promotion_ids import Ids
from dashboard.components.split_chip import SHORT
from dashboard.messages import _, _n
from dashboard.move import Move
from dashboard.readings import Change, delta, primary_first, value
from dashboard.theme import decimal, integer

_NONE: Final = "—"
_QUESTIONS: Final[Mapping[str, str]] = {
    "promote": message("Promote v{number} to Production?").template,
    "rollback": message("Roll Production back to v{number}?").template,
    "restore": message("Undo the change from outside: v{number} in Production?").template,
    "restore none": message("Undo the change from outside: nothing in Production?").template,
    "adopt": message("Take v{number} over as Production?").template,
    "adopt none": message("Take over that nothing is in Production?").template,
    "stage": message("Move v{number} to {stage}?").template,
    "stage none": message("Take v{number} out of its stage?").template,
}
_COMMANDS: Final[Mapping[Kind, str]] = {
    Kind.PROMOTE: message("Promote v{number}").template,
    Kind.ROLLBACK: message("Roll back to v{number}").template,
    Kind.RESTORE: message("Restore").template,
    Kind.ADOPT: message("Adopt v{number}").template,
    Kind.STAGE: message("Move v{number}").template,
}


def dialog() -> Any:
    """The empty frame; `question`, `consequences` and the gate fill it."""
    cancel = html.Button(_("Cancel"), id=Ids.CANCEL, type="button", className="act", autoFocus="autoFocus")
    described = {"aria-describedby": f"{Ids.WARNINGS} {Ids.CONFIRM_NOTE}"}
    confirm = html.Button("…", id=Ids.CONFIRM, type="button", className="act act-main", **described)
    return html.Dialog(
        [
            html.H2(id=Ids.QUESTION, className="dialog-title"),
            html.Div(id=Ids.REFUSED, className="dialog-refused", role="alert"),
            html.Div(id=Ids.CONSEQUENCES),
            html.Div(id=Ids.CHECKS),
            html.Div(id=Ids.WARNINGS, className="dialog-warnings", role="status"),
            html.Div(id=Ids.OVERRIDE_BOX, className="dialog-override"),
            html.P(id=Ids.CONFIRM_NOTE, className="promotion-why dialog-note"),
            html.Div([cancel, confirm], className="dialog-buttons"),
        ],
        id=Ids.DIALOG,
        className="dialog",
        **{"aria-labelledby": Ids.QUESTION},
    )


def question(move: Move) -> str:
    """The dialog's heading."""
    kind = f"{move.kind} none" if _takes_away(move) else str(move.kind)
    return _(_QUESTIONS[kind], number=move.version, stage=move.stage)


def command(move: Move) -> str:
    """What the button that counts says."""
    if move.kind is Kind.ADOPT and move.version is None:
        return _("Adopt")
    return _(_COMMANDS[move.kind], number=move.version)


def _takes_away(move: Move) -> bool:
    return move.version is None or move.stage == "None"


def consequences(move: Move, preview: Preview, *, alias: str, primary: str) -> Sequence[Any]:
    """From, to, what MLflow will answer, both versions' metrics, the split, the reason."""
    before, after = _ends(move, preview)
    return [
        html.P(
            [html.Span(before), html.Span("→", **{"aria-label": _("becomes")}, role="img"), html.B(after)],
            className="dialog-change",
        ),
        *(html.P(parts) for parts in _resolution(move, preview, alias)),
        *_evidence(move, preview, primary),
        html.Dl([html.Dt(_("Reason")), html.Dd(move.reason, className="dialog-reason")]),
    ]


def _ends(move: Move, preview: Preview) -> tuple[str, str]:
    if move.kind is Kind.STAGE:
        return f"v{move.version} · {_stage(move.stage_seen)}", f"v{move.version} · {_stage(move.stage)}"
    return _holder(preview.before), _holder(preview.after)


def _holder(version: VersionRef | None) -> str:
    if version is None:
        return _("nothing in Production")
    return _("v{number} in Production", number=version.number)


def _stage(stage: str) -> str:
    return _("no stage") if stage in {"", "None"} else stage


def _resolution(move: Move, preview: Preview, alias: str) -> Iterator[list[Any]]:
    """What `models:/…` will resolve to, in words."""
    addresses = [
        html.Code(f"models:/{preview.model}/{PRODUCTION}"),
        " · ",
        html.Code(f"models:/{preview.model}@{alias}"),
        " ",
    ]
    number = None if preview.after is None else preview.after.number
    if move.kind is Kind.STAGE and preview.after is not None:
        yield [*addresses, html.Span(_("stay as they are."))]
    elif number is None:
        yield [*addresses, html.Span(_("will resolve to nothing: whoever loads them gets an error."))]
    else:
        yield [*addresses, html.Span(_("will both resolve to v{number}.", number=number))]
        leaving = [holder for holder in preview.holders.stage if holder != number]
        if leaving:
            names = ", ".join(f"v{holder}" for holder in leaving)
            yield [html.Span(_("{versions} will be Archived.", versions=names))]


def _evidence(move: Move, preview: Preview, primary: str) -> Iterator[Any]:
    numbers, before, after = preview.numbers, preview.before, preview.after
    if move.kind is Kind.STAGE:
        return
    if numbers is None or after is None or after.number not in numbers.metrics:
        yield html.P(_("There are no metrics to show: the versions are not scored."), className="note")
        return
    base = None if before is None or before.number == after.number else before.number
    yield _metrics(numbers, base, after.number, primary)
    yield html.P(
        [
            _("test split: {source}", source=numbers.source),
            *(html.Span(fact, className="dotted") for fact in _split_facts(numbers)),
        ],
        className="note",
    )


def _split_facts(numbers: Numbers) -> Iterator[Any]:
    yield _n("{count} row", "{count} rows", numbers.rows)
    yield _("{count} positive", count=integer(numbers.positives))
    digits = numbers.fingerprint.removeprefix("sha256:")[:SHORT]
    yield html.Code(digits, title=numbers.fingerprint)
    yield _("threshold {threshold}", threshold=decimal(numbers.threshold, 2))


def _metrics(numbers: Numbers, before: int | None, after: int, primary: str) -> Any:
    heads = [_("metric"), *([] if before is None else [f"v{before}"]), f"v{after}"]
    if before is not None:
        heads.append(_("difference"))
    rows = [_row(metric, numbers, before, after) for metric in primary_first(METRICS, primary)]
    return html.Table(
        [
            html.Caption(_("Metrics of both versions"), className="visually-hidden"),
            html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
            html.Tbody(rows),
        ],
        className="numbers",
    )


def _row(metric: Metric, numbers: Numbers, before: int | None, after: int) -> Any:
    new = numbers.metrics[after].get(metric.name)
    cells = [html.Td(value(new, numbers.rows))]
    if before is not None:
        old = numbers.metrics.get(before, {}).get(metric.name)
        cells = [html.Td(value(old, numbers.rows)), *cells, _difference(metric, old, new, numbers.rows)]
    return html.Tr([html.Th(_(metric.title), scope="row"), *cells])


def _difference(metric: Metric, old: float | None, new: float | None, rows: int) -> Any:
    if old is None or new is None:
        return html.Td(_NONE)
    told = delta(metric, new - old, rows)
    is_seen = told.startswith(("▲", "▼"))
    change = Change.of(new - old if is_seen else None, greater_is_better=metric.greater_is_better)
    return html.Td(told, **({"data-change": str(change)} if change else {}))
