"""Curves as paths for inline SVG: whole units of a square, so that ten versions stay small.

The lines are core's, thinned already; here they are put on a grid of SIDE units, and what then falls
together is dropped. A pixel on the screen is about two units.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.evidence.comparison import ComparedVersion, Comparison
from core.evidence.curves import Polyline
from looks.language import _

SIDE: Final = 500  # units of the unit square
TICKS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

Point = tuple[int, int]
Share = tuple[float, float]
Operating = Callable[[ComparedVersion], Share | None]  # where the threshold puts a version


@dataclass(frozen=True, slots=True)
class Curve:
    """One version's line, as the `d` of a path, and its points."""

    number: int
    path: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A square from 0 to 1 on both axes; `references` are thin lines to read the curves against."""

    title: str
    x_title: str
    y_title: str
    references: tuple[str, ...]
    curves: tuple[Curve, ...]


def drawings(comparison: Comparison) -> tuple[Drawing, ...]:
    """The four small multiples of the page, of the versions that are scored."""
    scored = [one for one in comparison.versions if one.evaluation is not None]
    rate = comparison.split.positives / comparison.split.rows
    return (
        Drawing(
            title="ROC",
            x_title=_("false positive rate"),
            y_title=_("true positive rate"),
            references=(_path([(0, 0), (1, 1)]),),
            curves=tuple(_curves(scored, "roc", _rates)),
        ),
        Drawing(
            title=_("Precision-recall"),
            x_title=_("recall"),
            y_title=_("precision"),
            references=(_path([(0, rate), (1, rate)]),),
            curves=tuple(_curves(scored, "precision_recall", _precision)),
        ),
        Drawing(
            title=_("Calibration"),
            x_title=_("mean score"),
            y_title=_("share of positives"),
            references=(_path([(0, 0), (1, 1)]),),
            curves=tuple(_calibrations(scored)),
        ),
        Drawing(
            title=_("Gain"),
            x_title=_("share of rows called positive"),
            y_title=_("share of positives found"),
            references=(_path([(0, 0), (1, 1)]), _path([(0, 0), (rate, 1), (1, 1)])),
            curves=tuple(_curves(scored, "gain", _found)),
        ),
    )


def _curves(scored: Iterable[ComparedVersion], name: str, operating: Operating) -> Iterator[Curve]:
    for one in scored:
        line: Polyline = getattr(one.evaluation, name)
        point = operating(one)
        shown = () if point is None else (_units(point),)
        pairs = zip(line.x.tolist(), line.y.tolist(), strict=True)
        yield Curve(one.version.number, _path(pairs, is_stepped=line.steps), shown)


def _calibrations(scored: Iterable[ComparedVersion]) -> Iterator[Curve]:
    """Of the versions whose scores are probabilities."""
    for one in scored:
        bins = one.evaluation.calibration if one.evaluation else None
        if bins is not None:
            pairs = list(zip(bins.mean_score.tolist(), bins.positive_share.tolist(), strict=True))
            yield Curve(one.version.number, _path(pairs), tuple(map(_units, pairs)))


def _rates(one: ComparedVersion) -> Share | None:
    cells = one.confusion
    if cells is None or not cells.fp + cells.tn or not cells.tp + cells.fn:
        return None
    return cells.fp / (cells.fp + cells.tn), cells.tp / (cells.tp + cells.fn)


def _precision(one: ComparedVersion) -> Share | None:
    """None where nothing is called positive."""
    cells = one.confusion
    if cells is None or not cells.tp + cells.fp or not cells.tp + cells.fn:
        return None
    return cells.tp / (cells.tp + cells.fn), cells.tp / (cells.tp + cells.fp)


def _found(one: ComparedVersion) -> Share | None:
    cells = one.confusion
    if cells is None or not cells.tp + cells.fn:
        return None
    rows = cells.tn + cells.fp + cells.fn + cells.tp
    return (cells.tp + cells.fp) / rows, cells.tp / (cells.tp + cells.fn)


def _units(point: Share) -> Point:
    """From the lower left corner to the upper left one, as SVG counts."""
    return round(point[0] * SIDE), round((1 - point[1]) * SIDE)


def _path(points: Iterable[Share], *, is_stepped: bool = False) -> str:
    """Empty without points. Steps go up or down first, then to the right."""
    corners = _without_rests([_units(point) for point in points])
    if is_stepped:
        corners = [corner for pair in pairwise([*corners[:1], *corners]) for corner in _step(*pair)]
    corners = _straightened(_without_rests(corners))
    if not corners:
        return ""
    (x, y), *_rest = corners
    moves = (f"{b[0] - a[0]} {b[1] - a[1]}".replace(" -", "-") for a, b in pairwise(corners))
    return f"M{x} {y}l" + " ".join(moves).replace(" -", "-") if len(corners) > 1 else f"M{x} {y}h0"


def _step(last: Point, point: Point) -> tuple[Point, Point]:
    return (last[0], point[1]), point


def _without_rests(points: Sequence[Point]) -> list[Point]:
    """Without points on the one before."""
    return [point for at, point in enumerate(points) if not at or point != points[at - 1]]


def _straightened(points: Sequence[Point]) -> list[Point]:
    """Without points on the straight way from the one before to the one after."""
    kept: list[Point] = []
    for point in points:
        while len(kept) > 1 and _is_between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _is_between(a: Point, b: Point, c: Point) -> bool:
    """Whether b is on the way from a to c, which goes on in one direction."""
    (ux, uy), (vx, vy) = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    return ux * vy == uy * vx and ux * vx + uy * vy > 0
