"""How a model's promotion policy is configured: the checks of `gates:` as values, and how they are read."""

import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import SettingsError
from core.messages import Message, message
from core.settings_file import Section

DEFAULT_MIN_ROWS: Final = 30
_EXAMPLE: Final = message("Write one like {example}.", example="{metric: roc_auc, at_least: 0.8}")
_LOWEST: Final[Mapping[str, float]] = {"mcc": -1.0}  # of a metric; the others begin at 0
_HIGHEST: Final[Mapping[str, float]] = {"log_loss": math.inf}  # the others end at 1


class Severity(StrEnum):
    """What becomes of a promotion where a check is not passed."""

    BLOCK = "block"  # it is refused, unless somebody who may overrides it
    WARN = "warn"  # people are told, and a page asks them to acknowledge it


class Rule(StrEnum):
    """What is asked of a metric."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETTER_THAN = "better_than"
    NO_WORSE_THAN = "no_worse_than"

    @property
    def is_relative(self) -> bool:
        """Whether it compares with Production."""
        return self in {Rule.BETTER_THAN, Rule.NO_WORSE_THAN}


class Resource(StrEnum):
    """What a version takes."""

    LATENCY = "latency_ms_per_1000"  # milliseconds to score 1,000 rows
    SIZE = "size_mb"  # megabytes (1,000,000 bytes) of files


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricGate:
    """A metric against a bound, or against Production's on the same rows; for each slice where asked."""

    metric: str
    rule: Rule
    bound: float | None = None  # of AT_LEAST and AT_MOST, in the metric's unit
    surely: bool = False  # the interval's end must hold the bound, not the value alone
    margin: float | None = None  # of NO_WORSE_THAN; None: the one configured for the metric
    slices: tuple[str, ...] = ()  # columns; empty: all rows together
    min_rows: int = DEFAULT_MIN_ROWS  # smaller slices are left out
    severity: Severity = Severity.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenGate:
    """The share of rows that Production has right and the candidate wrong."""

    at_most: float
    severity: Severity = Severity.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGate:
    """What a version takes, in its unit or, `relative`, as a multiple of what Production takes."""

    resource: Resource
    at_most: float
    relative: bool = False
    severity: Severity = Severity.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureGate:
    """What Production's callers send is accepted, and what they get is of the same kind."""

    severity: Severity = Severity.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementsGate:
    """The libraries that the version asks for are installed here."""

    severity: Severity = Severity.BLOCK


Gate = MetricGate | BrokenGate | ResourceGate | SignatureGate | RequirementsGate

SUBJECTS: Final = ("metric", "max_broken", "signature", *map(str, Resource), "requirements")
OF_METRIC: Final = (*map(str, Rule), "surely", "margin", "slices", "min_rows")
SETTINGS: Final = (*SUBJECTS, *OF_METRIC, "severity")
OF_RESOURCE: Final = ("at_most", "relative")


def gate_settings(model: Section, metrics: Collection[str]) -> tuple[Gate, ...]:
    """Read the list `gates` of a model; empty where there is none.

    Args:
        model: the model's section.
        metrics: names of the metrics that there are.

    Raises:
        SettingsError: one sentence that names the wrong place, and what to write instead.
    """
    found = []
    for position, written in enumerate(model.items("gates") or ()):
        place = f"{model.at('gates')}[{position}]"
        if not isinstance(written, dict):
            raise SettingsError(
                message("{file}: {place} is no check.", file=model.file, place=place), _EXAMPLE
            )
        found.append(_gate(Section(model.file, place, written), metrics))
    return tuple(found)


def _gate(check: Section, metrics: Collection[str]) -> Gate:
    check.only(*SETTINGS)
    subject = _subject(check)
    severity = Severity(check.choice("severity", tuple(Severity)) or Severity.BLOCK)
    if subject == "metric":
        return _metric_gate(check, metrics, severity)
    check.only(subject, "severity")
    if subject == "max_broken":
        share = _needed(check, "max_broken", low=0, high=1)
        return BrokenGate(at_most=share, severity=severity)
    if subject == "signature":
        check.choice("signature", ("compatible",))
        return SignatureGate(severity=severity)
    if subject == "requirements":
        check.choice("requirements", ("satisfied",))
        return RequirementsGate(severity=severity)
    return _resource_gate(check, Resource(subject), severity)


def _subject(check: Section) -> str:
    """What the check is about: the one key that says so."""
    named = [subject for subject in SUBJECTS if check.values.get(subject) is not None]
    if not named:
        title = message("{file}: {place} says nothing to check.", file=check.file, place=check.place)
        raise SettingsError(title, message("Name one of {names}.", names=", ".join(SUBJECTS)))
    if len(named) > 1:
        raise _several(check, named)
    return named[0]


def _metric_gate(check: Section, metrics: Collection[str], severity: Severity) -> MetricGate:
    metric = check.choice("metric", metrics) or ""
    rule = _rule(check)
    if rule.is_relative:
        check.choice(rule, ("production",))
    _belongs(check, "surely", is_fit=not rule.is_relative, owner="at_least, at_most")
    _belongs(check, "margin", is_fit=rule is Rule.NO_WORSE_THAN, owner=Rule.NO_WORSE_THAN)
    slices = check.names("slices")
    _belongs(check, "min_rows", is_fit=bool(slices), owner="slices")
    bound = None
    if not rule.is_relative:
        bound = _needed(check, rule, low=_LOWEST.get(metric, 0.0), high=_HIGHEST.get(metric, 1.0))
    return MetricGate(
        metric=metric,
        rule=rule,
        bound=bound,
        surely=check.flag("surely"),
        margin=check.number("margin"),
        slices=slices or (),
        min_rows=_min_rows(check),
        severity=severity,
    )


def _rule(check: Section) -> Rule:
    named = [rule for rule in Rule if check.values.get(rule) is not None]
    if not named:
        title = message(
            "{file}: {place} does not say what is asked of {metric}.",
            file=check.file,
            place=check.place,
            metric=str(check.values["metric"]),
        )
        raise SettingsError(title, message("Add one of {names}.", names=", ".join(Rule)))
    if len(named) > 1:
        raise _several(check, named)
    return named[0]


def _resource_gate(check: Section, resource: Resource, severity: Severity) -> ResourceGate:
    limit = check.section(resource)
    assert limit is not None  # it is what the check is about
    limit.only(*OF_RESOURCE)
    at_most = _needed(limit, "at_most", low=0, high=math.inf)
    return ResourceGate(
        resource=resource, at_most=at_most, relative=limit.flag("relative"), severity=severity
    )


def _needed(section: Section, key: str, *, low: float, high: float) -> float:
    """A number with low <= number <= high that must be there."""
    value = section.values.get(key)
    if value is None:
        title = message("{file}: {place} is missing.", file=section.file, place=section.at(key))
        raise SettingsError(title, message("Add {key}: below {place}.", key=key, place=section.place))
    most = min(high, sys.float_info.max)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= most:
        raise section.unfit(key, _range(low, high))
    return float(value)


def _range(low: float, high: float) -> Message:
    if math.isinf(high):
        return message("Write a number from {low}.", low=f"{low:g}")
    return message("Write a number from {low} to {high}.", low=f"{low:g}", high=f"{high:g}")


def _min_rows(check: Section) -> int:
    value = check.values.get("min_rows")
    if value is None:
        return DEFAULT_MIN_ROWS
    if type(value) is not int or value < 1:
        raise check.unfit("min_rows", message("Write a whole number of rows, 1 or more."))
    return value


def _belongs(check: Section, key: str, *, is_fit: bool, owner: str) -> None:
    """Refuse a setting that would have no effect."""
    if check.values.get(key) is not None and not is_fit:
        title = message("{file}: {place} has no effect here.", file=check.file, place=check.at(key))
        raise SettingsError(title, message("It belongs to {owner}; take it out.", owner=owner))


def _several(check: Section, named: Collection[str]) -> SettingsError:
    title = message(
        "{file}: {place} holds several checks: {names}.",
        file=check.file,
        place=check.place,
        names=", ".join(named),
    )
    return SettingsError(title, message("Write each as an item of its own."))
