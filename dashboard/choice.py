"""What of a model's versions is compared, and how: read from an address or the controls, and written."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from core.messages import Message, message

Baseline = int | Literal["production"]
PRODUCTION: Final = "production"
THRESHOLD: Final = 0.5
MOST: Final = 20  # candidates at once; more could not be told apart, and each costs a scoring job
_NUMBER: Final = re.compile(r"v?([1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A baseline, candidates and a threshold from 0 to 1."""

    baseline: Baseline = PRODUCTION
    versions: tuple[int, ...] | None = None  # None: nobody chose, the services do
    threshold: float = THRESHOLD

    @property
    def search(self) -> str:
        """The query of this choice's address, with its question mark."""
        query = {"baseline": str(self.baseline)}
        if self.versions is not None:
            query["versions"] = ",".join(str(number) for number in self.versions)
        query["threshold"] = repr(self.threshold)
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
    )
    return choice, problems


def chosen(baseline: Any, versions: Any, threshold: Any) -> Choice:
    """The choice that the controls hold; what makes no sense in a request counts as not chosen."""
    numbers = None
    if isinstance(versions, list):
        read_numbers = (_baseline(version) for version in versions)
        numbers = tuple(sorted({number for number in read_numbers if isinstance(number, int)}))[:MOST]
    value = _threshold(threshold)
    return Choice(
        baseline=_baseline(baseline) or PRODUCTION,
        versions=numbers,
        threshold=THRESHOLD if value is None else value,
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


def _threshold(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number + 0.0 if math.isfinite(number) and 0 <= number <= 1 else None  # never -0.0
