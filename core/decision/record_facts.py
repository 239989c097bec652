"""A record as plain JSON values and back; how the ledger keeps it for years.

What an older Runoff wrote lacks what came later, and reads as its default; what a newer one adds, an
older one leaves out when it reads. The bytes that were signed are kept beside, whatever is read of them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.catalog.store import Holders
from core.decision.access import Actor, Role
from core.decision.gate_facts import facts_of_report, report_of_facts
from core.decision.plain_facts import Facts, facts_of_message, float_of, message_of_facts, plain_float
from core.decision.record import Kind, Numbers, Phase, Record, VersionRef


def facts_of_record(record: Record) -> Facts:
    """The record as plain JSON values; what is empty is left out."""
    facts: Facts = {
        "operation": record.operation,
        "kind": record.kind.value,
        "phase": record.phase.value,
        "actor": {
            "name": record.actor.name,
            "role": record.actor.role.value,
            "identified_by": record.actor.identified_by,
        },
        "model": record.model,
        "before": _facts_of_version(record.before),
        "after": _facts_of_version(record.after),
        "holders_before": _facts_of_holders(record.holders_before),
        "holders_after": _facts_of_holders(record.holders_after),
        "stage_before": record.stage_before,
        "stage_after": record.stage_after,
        "numbers": _facts_of_numbers(record.numbers),
        "gate": None if record.gate is None else facts_of_report(record.gate),
        "overridden": record.overridden or None,
        "acknowledged": record.acknowledged or None,
        "reason": record.reason,
        "trouble": [facts_of_message(trouble) for trouble in record.trouble],
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def record_from_facts(facts: Mapping[str, Any]) -> Record:
    """The record of such values.

    Raises:
        KeyError, TypeError, ValueError: They are no record that this Runoff knows.
    """
    actor = facts["actor"]
    return Record(
        operation=facts["operation"],
        kind=Kind(facts["kind"]),
        phase=Phase(facts["phase"]),
        actor=Actor(name=actor["name"], role=Role(actor["role"]), identified_by=actor["identified_by"]),
        model=facts.get("model", ""),
        before=_version(facts.get("before")),
        after=_version(facts.get("after")),
        holders_before=_holders(facts.get("holders_before")),
        holders_after=_holders(facts.get("holders_after")),
        stage_before=facts.get("stage_before", ""),
        stage_after=facts.get("stage_after", ""),
        numbers=_numbers(facts.get("numbers")),
        gate=report_of_facts(facts["gate"]) if "gate" in facts else None,
        overridden=facts.get("overridden", False),
        acknowledged=facts.get("acknowledged", False),
        reason=facts.get("reason", ""),
        trouble=tuple(message_of_facts(trouble) for trouble in facts.get("trouble", ())),
    )


def time_text(time: datetime) -> str:
    """A time as the ledger writes it: UTC, always as long, so that its order is that of the text."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def time_of(text: str) -> datetime:
    """The time of such a text."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _facts_of_version(version: VersionRef | None) -> Facts | None:
    if version is None:
        return None
    return {
        "number": version.number,
        "digest": version.digest,
        "created": None if version.created is None else time_text(version.created),
        "source": version.source,
    }


def _version(facts: Mapping[str, Any] | None) -> VersionRef | None:
    if facts is None:
        return None
    created = facts.get("created")
    return VersionRef(
        number=facts["number"],
        digest=facts["digest"],
        created=None if created is None else time_of(created),
        source=facts.get("source", ""),
    )


def _facts_of_holders(holders: Holders | None) -> Facts | None:
    return None if holders is None else {"stage": list(holders.stage), "alias": holders.alias}


def _holders(facts: Mapping[str, Any] | None) -> Holders | None:
    return None if facts is None else Holders(stage=tuple(facts["stage"]), alias=facts["alias"])


def _facts_of_numbers(numbers: Numbers | None) -> Facts | None:
    if numbers is None:
        return None
    return {
        "fingerprint": numbers.fingerprint,
        "rows": int(numbers.rows),  # NumPy's are none that JSON knows
        "positives": int(numbers.positives),
        "source": numbers.source,
        "threshold": numbers.threshold,
        "primary_metric": numbers.primary_metric,
        "metrics": {
            str(version): {metric: plain_float(value) for metric, value in metrics.items()}
            for version, metrics in numbers.metrics.items()
        },
    }


def _numbers(facts: Mapping[str, Any] | None) -> Numbers | None:
    if facts is None:
        return None
    return Numbers(
        fingerprint=facts["fingerprint"],
        rows=facts["rows"],
        positives=facts["positives"],
        source=facts["source"],
        threshold=facts["threshold"],
        primary_metric=facts["primary_metric"],
        metrics={
            int(version): {metric: float_of(value) for metric, value in metrics.items()}
            for version, metrics in facts["metrics"].items()
        },
    )
