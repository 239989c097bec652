"""Entries of the ledger as the JSON and the CSV that other people's scripts read: a public contract.

An entry in JSON; a key is always there, null or empty where there is nothing to tell:

    seq             its place in the ledger, from 1
    at              when it was written, ISO 8601 in UTC
    operation       a UUID that all entries of one operation share
    kind            promote, rollback, restore, stage, adopt, external
    phase           intent, done, failed, unknown, conflict, external, adopted
    actor           {name, role, identified_by}
    model           the registered model
    before, after   {version, digest, created, source}: in Production before and after; of a `stage` entry
                    the version that moves. null: nothing was, or is, in Production
    stage_before, stage_after   stages of that version; of `stage` entries alone, else ""
    holders         {before, after}, each null or {stage: [numbers], alias: number or null}: what MLflow had,
                    and what it should have (intent) or was read back
    numbers         null, or the comparison that the person saw: {fingerprint, rows, positives, source,
                    threshold, primary_metric, versions: [{version, metrics: {name: number or null}}]}
    gate            null, or what the checks of a promotion came to, as `gate --format json` prints it
    overridden      whether the actor went against that gate
    acknowledged    whether the actor was asked about its warnings, and said yes
    reason          what the person wrote
    trouble         sentences: why it failed, or what else is to be known
    app_version     of Runoff, when it was written
    previous, hash, key_id      the chain: the entry before, this entry, and the key that signed it
"""

import csv
import io
from collections.abc import Iterable, Iterator

from core.catalog.store import Holders
from core.decision import gate_json
from core.decision.record import Entry, Numbers, VersionRef
from core.quoting import spreadsheet_safe

JsonObject = dict[str, object]
Cell = str | int | float

COLUMNS = (
    "seq",
    "at",
    "model",
    "kind",
    "phase",
    "version_before",
    "version_after",
    "stage_before",
    "stage_after",
    "actor",
    "role",
    "identified_by",
    "reason",
    "trouble",
    "primary_metric",
    "value_before",
    "value_after",
    "threshold",
    "rows",
    "split",
    "fingerprint",
    "digest_before",
    "digest_after",
    "operation",
    "app_version",
    "hash",
    "gate",
    "overridden",
)


def as_json(entry: Entry) -> JsonObject:
    """The entry as plain dicts, lists, strings, numbers and None; sentences are in English."""
    record = entry.record
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "operation": record.operation,
        "kind": record.kind.value,
        "phase": record.phase.value,
        "actor": {
            "name": record.actor.name,
            "role": str(record.actor.role),
            "identified_by": record.actor.identified_by,
        },
        "model": record.model,
        "before": version_json(record.before),
        "after": version_json(record.after),
        "stage_before": record.stage_before,
        "stage_after": record.stage_after,
        "holders": {
            "before": _holders(record.holders_before),
            "after": _holders(record.holders_after),
        },
        "numbers": _numbers(record.numbers),
        "gate": None if record.gate is None else gate_json.as_json(record.gate),
        "overridden": record.overridden,
        "acknowledged": record.acknowledged,
        "reason": record.reason,
        "trouble": [str(sentence) for sentence in record.trouble],
        "app_version": entry.app_version,
        "previous": entry.previous,
        "hash": entry.hash,
        "key_id": entry.key_id,
    }


def version_json(version: VersionRef | None) -> JsonObject | None:
    """A version as it was, `before` and `after` of an entry."""
    if version is None:
        return None
    return {
        "version": version.number,
        "digest": version.digest,
        "created": version.created.isoformat() if version.created else None,
        "source": version.source,
    }


def as_csv(entries: Iterable[Entry]) -> str:
    """A header and one line for each entry, in the order given; lines end with CR LF (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(csv_rows(entries))
    return text.getvalue()


def csv_rows(entries: Iterable[Entry]) -> Iterator[tuple[Cell, ...]]:
    """One row for each entry, cells in the order of `COLUMNS`.

    Text that a spreadsheet would take for a formula begins with an apostrophe; numbers are numbers.
    """
    for entry in entries:
        row = _row(entry)
        yield tuple(safe_cell(row[name]) for name in COLUMNS)


def _row(entry: Entry) -> dict[str, Cell | None]:
    record, numbers = entry.record, entry.record.numbers
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "model": record.model,
        "kind": record.kind.value,
        "phase": record.phase.value,
        "version_before": record.before.number if record.before else None,
        "version_after": record.after.number if record.after else None,
        "stage_before": record.stage_before,
        "stage_after": record.stage_after,
        "actor": record.actor.name,
        "role": str(record.actor.role),
        "identified_by": record.actor.identified_by,
        "reason": record.reason,
        "trouble": " ".join(str(sentence) for sentence in record.trouble),
        "primary_metric": numbers.primary_metric if numbers else None,
        "value_before": _primary(numbers, record.before),
        "value_after": _primary(numbers, record.after),
        "threshold": numbers.threshold if numbers else None,
        "rows": numbers.rows if numbers else None,
        "split": numbers.source if numbers else None,
        "fingerprint": numbers.fingerprint if numbers else None,
        "digest_before": record.before.digest if record.before else None,
        "digest_after": record.after.digest if record.after else None,
        "operation": record.operation,
        "app_version": entry.app_version,
        "hash": entry.hash,
        "gate": record.gate.outcome.value if record.gate else None,
        "overridden": ("yes" if record.overridden else "no") if record.gate else None,
    }


def safe_cell(value: Cell | None) -> Cell:
    """A cell of CSV: None is empty, and text that would be a formula begins with an apostrophe."""
    if value is None:
        return ""
    return spreadsheet_safe(value) if isinstance(value, str) else value


def _primary(numbers: Numbers | None, version: VersionRef | None) -> float | None:
    """The primary metric of a version, where the person saw one."""
    if numbers is None or version is None:
        return None
    return numbers.metrics.get(version.number, {}).get(numbers.primary_metric)


def _holders(holders: Holders | None) -> JsonObject | None:
    return None if holders is None else {"stage": list(holders.stage), "alias": holders.alias}


def _numbers(numbers: Numbers | None) -> JsonObject | None:
    if numbers is None:
        return None
    return {
        "fingerprint": numbers.fingerprint,
        "rows": numbers.rows,
        "positives": numbers.positives,
        "source": numbers.source,
        "threshold": numbers.threshold,
        "primary_metric": numbers.primary_metric,
        "versions": [
            {"version": number, "metrics": dict(values)} for number, values in numbers.metrics.items()
        ],
    }
