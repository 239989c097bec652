"""The evidence of one operation of the ledger, as it was when somebody decided."""

from collections.abc import Iterator, Sequence
from typing import Any

from dash import html

from core.catalog.store import Holders
from core.decision.record import Entry, Kind, Numbers, Record, VersionRef
from core.evidence.metrics import METRIC, METRICS
from dashboard import readings
from dashboard.components.copying import copy_button
from dashboard.entry_words import ENDINGS, actor_name, entry_address, holders_name, identified, reason_of
from dashboard.messages import _, _n
from dashboard.readings import Change
from dashboard.theme import integer, moment, significant

SHORT = 12  # hexadecimal digits that people compare by eye


def evidence(steps: Sequence[Entry]) -> Any:
    """Everything that the ledger holds about an operation; `steps` are its entries, oldest first."""
    last = steps[-1].record
    seen = next((entry.record.numbers for entry in reversed(steps) if entry.record.numbers), None)
    left = [_versions(last), _why(last)]
    right = [_numbers(seen, last), _split(seen)] if seen is not None else [_no_numbers(last)]
    return html.Div(
        [
            html.Div([html.Div(left), html.Div(right)], className="evidence-columns"),
            _steps(steps),
            html.A(
                _("Link to this entry"),
                href=entry_address(last.model, steps[-1].seq),
                className="note evidence-link",
            ),
        ],
        className="evidence",
    )


def _versions(record: Record) -> Any:
    """Both versions with what tells them from others of the same number."""
    if record.kind is Kind.STAGE:
        return _moved(record)
    lines: list[tuple[str, Any, Any]] = [
        (_("version"), _name(record.before), _name(record.after)),
        (_("digest"), _digest(record.before), _digest(record.after)),
        (_("created"), _created(record.before), _created(record.after)),
        (_("source"), _source(record.before), _source(record.after)),
    ]
    lines.append((_("MLflow's Production"), _holders(record.holders_before), _holders(record.holders_after)))
    return _table(_("In Production"), ["", _("before"), _("after")], lines)


def _moved(record: Record) -> Any:
    """The one version that went from stage to stage."""
    version = record.after or record.before
    lines = [
        (_("version"), _name(version)),
        (_("stage"), f"{record.stage_before} → {record.stage_after}"),
        (_("digest"), _digest(version)),
        (_("created"), _created(version)),
        (_("source"), _source(version)),
    ]
    return _table(_("Version that moved"), [], lines)


def _name(version: VersionRef | None) -> Any:
    return html.B(_("none") if version is None else f"v{version.number}")


def _digest(version: VersionRef | None) -> Any:
    if version is None:
        return ""
    if version.digest is None:
        return _("its files could not be had")
    return _hash(version.digest, _("Copy the digest {digest}", digest=version.digest))


def _created(version: VersionRef | None) -> str:
    return "" if version is None else moment(version.created)


def _source(version: VersionRef | None) -> Any:
    return "" if version is None else html.Span(version.source, className="evidence-source")


def _holders(holders: Holders | None) -> str:
    return "" if holders is None else holders_name(holders)


def _why(record: Record) -> Any:
    reason = html.P(reason_of(record), className="evidence-reason") if record.reason else None
    said = html.P(_("No reason was given."), className="note") if reason is None else None
    return html.Div([html.H4(_("Reason")), reason, said])


def _split(seen: Numbers) -> Any:
    copy = _("Copy the fingerprint {fingerprint}", fingerprint=seen.fingerprint)
    return html.P(
        [
            html.Span(_("test split: {source}", source=seen.source)),
            html.Span(_n("{count} row", "{count} rows", seen.rows), className="dotted"),
            html.Span(_("{count} positive", count=integer(seen.positives)), className="dotted"),
            html.Span(_("threshold {threshold}", threshold=significant(seen.threshold)), className="dotted"),
            html.Span(_hash(seen.fingerprint, copy), className="dotted"),
        ],
        className="note evidence-split",
    )


def _no_numbers(record: Record) -> Any:
    """Why there is no comparison to show."""
    if record.kind in {Kind.EXTERNAL, Kind.ADOPT, Kind.STAGE}:
        text = _("No comparison belongs to this entry.")
    else:
        text = _("The versions had not both been scored, so there are no numbers.")
    return html.P(text, className="note")


def _numbers(seen: Numbers, record: Record) -> Any:
    """Every metric of both versions as the person saw them, the one that decides first."""
    numbers = [version.number for version in (record.before, record.after) if version is not None]
    shown = [number for number in dict.fromkeys(numbers) if number in seen.metrics]
    heads = ["", *(f"v{number}" for number in shown), *([_("difference")] if len(shown) > 1 else [])]
    return _table(_("Numbers that were seen"), heads, list(_metric_lines(seen, shown)), is_numeric=True)


def _metric_lines(seen: Numbers, shown: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for metric in readings.primary_first(METRICS, seen.primary_metric):
        found = [seen.metrics[number].get(metric.name) for number in shown]
        if all(metric.name not in seen.metrics[number] for number in shown):
            continue
        cells: list[Any] = [readings.value(value, seen.rows) for value in found]
        if len(shown) > 1:
            cells.append(_delta(metric.name, found, seen.rows))
        title = _(metric.title)
        yield (title if metric.greater_is_better else f"{title} ↓", *cells)


def _delta(name: str, found: Sequence[float | None], rows: int) -> Any:
    before, after = found
    if before is None or after is None:
        return ""
    told = readings.delta(METRIC[name], after - before, rows)
    seen = after - before if told.startswith(("▲", "▼")) else None
    change = Change.of(seen, greater_is_better=METRIC[name].greater_is_better)
    return html.Span(told, **({"data-change": str(change)} if change else {}))


def _steps(steps: Sequence[Entry]) -> Any:
    """The chain: what was written when, by whom, and what holds it together."""
    return html.Div(
        [
            html.H4(_("Steps")),
            html.Ol([_step(entry) for entry in steps], className="evidence-steps"),
        ]
    )


def _step(entry: Entry) -> Any:
    record, ending = entry.record, ENDINGS[entry.record.phase]
    return html.Li(
        [
            html.Div(
                [
                    html.B(f"{ending.sign} {_(ending.words)}"),
                    html.Span(moment(entry.at)),
                    html.Span(f"{actor_name(record.actor)} ({identified(record.actor)})"),
                    html.Span(_("entry {seq}", seq=integer(entry.seq))),
                    html.Span(f"Runoff {entry.app_version}"),
                ],
                className="evidence-step",
            ),
            *(html.P(_(sentence), className="evidence-trouble") for sentence in record.trouble),
            html.Div(
                [
                    html.Span(
                        [_("hash"), " ", _hash(entry.hash, _("Copy the hash {hash}", hash=entry.hash))]
                    ),
                    html.Span(
                        [
                            _("the hash before"),
                            " ",
                            _hash(entry.previous, _("Copy the hash {hash}", hash=entry.previous)),
                        ]
                    ),
                    html.Span([_("operation"), " ", html.Span(record.operation, className="mono")]),
                ],
                className="evidence-step note",
            ),
        ]
    )


def _hash(text: str, label: str) -> Any:
    digits = text.removeprefix("sha256:")[:SHORT]
    return copy_button(text, shown=digits, label=label, class_name="evidence-hash")


def _table(
    caption: str, heads: Sequence[str], lines: Sequence[tuple[Any, ...]], *, is_numeric: bool = False
) -> Any:
    return html.Div(
        html.Table(
            [
                html.Caption(caption),
                html.Thead(html.Tr([html.Th(head, scope="col") if head else html.Td() for head in heads]))
                if heads
                else None,
                html.Tbody(
                    [
                        html.Tr([html.Th(line[0], scope="row"), *(html.Td(cell) for cell in line[1:])])
                        for line in lines
                    ]
                ),
            ],
            className="evidence-table evidence-numbers" if is_numeric else "evidence-table",
        ),
        className="scroll",
    )
