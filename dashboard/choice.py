"""What of a model's versions is compared, and how: read from an address or the controls, and written."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from core.errors import UsageError
from core.evidence.operating_points import Mode, require_target
from core.messages import Message, message

Baseline = int | Literal["production"]
PRODUCTION: Final = "production"
THRESHOLD: Final = 0.5
MOST: Final = 20  # candidates at once; more could not be told apart, and each costs a scoring job
_NUMBER: Final = re.compile(r"v?([1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A baseline, candidates and a threshold from 0 to 1.

    In another `mode` than THRESHOLD each version is at a threshold of its own, and `target` says what all
    of them meet.
    """

    baseline: Baseline = PRODUCTION
    versions: tuple[int, ...] | None = None  # None: nobody chose, the services do
    threshold: float = THRESHOLD
    mode: Mode = Mode.THRESHOLD
    target: float | None = None  # of the other modes

    @property
    def tail(self) -> str:
        """Mode and target as the end of a path; of a shared threshold, its number alone."""
        return repr(self.threshold) if self.target is None else f"{self.mode}/{self.target!r}"

    @property
    def search(self) -> str:
        """The query of this choice's address, with its question mark."""
        query = {"baseline": str(self.baseline)}
        if self.versions is not None:
            query["versions"] = ",".join(str(number) for number in self.versions)
        if self.target is None:
            query["threshold"] = repr(self.threshold)
        else:
            query |= {"mode": str(self.mode), "target": repr(self.target)}
        return "?" + urlencode(query, safe=",")


def read(query: Mapping[str, str]) -> tuple[Choice, Sequence[Message]]:
    """The choice that an address asks for, and a sentence for each part that made no sense."""
    problems: list[Message] = []
    baseline = _baseline(query.get("baseline", PRODUCTION))
    if baseline is None:
        problems.append(
            message(
                "The address asks for the baseline “{text}”, which is neither a version number nor "
                "“production”; Production is the baseline.",
                text=query["baseline"],
            )
        )
    threshold = _threshold(query.get("threshold", THRESHOLD))
    if threshold is None:
        problems.append(
            message(
                "The address asks for the threshold “{text}”, which is no number from 0 to 1; "
                "{default} is used.",
                text=query["threshold"],
                default=THRESHOLD,
            )
        )
    mode, target = _aim(query.get("mode"), query.get("target"))
    if target is None and query.get("mode", Mode.THRESHOLD) != Mode.THRESHOLD:
        problems.append(
            message(
                "The address asks for the mode “{mode}” with the target “{target}”, which makes no sense; "
                "all versions are at the same threshold.",
                mode=query["mode"],
                target=query.get("target", ""),
            )
        )
    versions, wrong = _listed(query.get("versions"))
    problems += [
        message("The address asks for the version “{text}”, which is no version number.", text=text)
        for text in wrong
    ]
    if versions and len(versions) > MOST:
        problems.append(
            message("At most {count} candidates are compared at once; the rest is left out.", count=MOST)
        )
    choice = Choice(
        baseline=baseline or PRODUCTION,
        versions=versions if versions is None else versions[:MOST],
        threshold=THRESHOLD if threshold is None else threshold,
        mode=mode,
        target=target,
    )
    return choice, problems


def chosen(baseline: Any, versions: Any, threshold: Any, aim: tuple[Any, Any] = (None, None)) -> Choice:
    """The choice that the controls hold; what makes no sense in a request counts as not chosen.

    `aim` is mode and target.
    """
    numbers = None
    if isinstance(versions, list):
        read_numbers = (_baseline(version) for version in versions)
        numbers = tuple(sorted({number for number in read_numbers if isinstance(number, int)}))[:MOST]
    value = _threshold(threshold)
    mode, target = _aim(*aim)
    return Choice(
        baseline=_baseline(baseline) or PRODUCTION,
        versions=numbers,
        threshold=THRESHOLD if value is None else value,
        mode=mode,
        target=target,
    )


def settled(
    choice: Choice, numbers: Collection[int], default: Collection[int]
) -> tuple[Choice, Sequence[Message]]:
    """The choice with versions, all of which exist, and a sentence for each that does not.

    `numbers` are the model's versions, `default` those to compare where nobody chose.
    """
    asked = (choice.baseline, *(choice.versions or ()))
    gone = [number for number in dict.fromkeys(asked) if number != PRODUCTION and number not in numbers]
    kept = tuple(number for number in choice.versions or () if number in numbers)
    settled_choice = replace(
        choice,
        baseline=PRODUCTION if choice.baseline in gone else choice.baseline,
        versions=tuple(sorted(default)) if choice.versions is None or (gone and not kept) else kept,
    )
    return settled_choice, [message("This model has no version {number}.", number=number) for number in gone]


def _listed(text: str | None) -> tuple[tuple[int, ...] | None, Sequence[str]]:
    """Version numbers in a comma separated list, each once, and the parts that are none."""
    if text is None:
        return None, ()
    parts = [part.strip() for part in text.split(",") if part.strip()]
    numbers = {part: _baseline(part) for part in parts}
    good = tuple(sorted({number for number in numbers.values() if isinstance(number, int)}))
    wrong = [part for part, number in numbers.items() if not isinstance(number, int)]
    return (good or None) if wrong else good, wrong


def _baseline(value: object) -> Baseline | None:
    if value == PRODUCTION:
        return PRODUCTION
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match.group(1)) if match else None


def _aim(mode: object, target: object) -> tuple[Mode, float | None]:
    """A mode with its target; the same threshold where one of them makes no sense."""
    known = next((one for one in Mode if one == mode and one is not Mode.THRESHOLD), None)
    number = _number(target)
    if known is None or number is None:
        return Mode.THRESHOLD, None
    try:
        require_target(known, number)
    except UsageError:
        return Mode.THRESHOLD, None
    return known, number


def _threshold(value: object) -> float | None:
    number = _number(value)
    return None if number is None or not 0 <= number <= 1 else number


def _number(value: object) -> float | None:
    """A finite number, never -0.0."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number + 0.0 if math.isfinite(number) else None
