"""Which points of a curve to draw: few, and the curve nowhere far from them. Positions in and out.

Distances are Euclidean in the unit square. Geometry alone decides, never the order of rows.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

LIMIT = 1_000  # points of a drawn curve, its start included
TOLERANCE = 0.002  # the furthest that the true curve may be from the drawn one

# Between two points of a line that never falls, w apart in x + y, the line stays in a box with
# dx + dy = w, so it is at most dx * dy / hypot(dx, dy) <= w / (2 * sqrt(2)) from the box's diagonal,
# which is what is drawn.
REACH = 2.0 * math.sqrt(2.0) * TOLERANCE  # the widest w that may be left out, 0.00566
STRETCHES = 400  # of x + y, which is 2 at most: each 0.005 long, shorter than REACH

COLUMNS = 2_048  # of the outline of a curve of steps; 1 / COLUMNS of the tolerance is spent on it
SEEDS = 128  # equal columns of x in which a point is kept in any case, for the pointer to find
COARSER = 1.25  # what the tolerance grows by where it would need too many points
BLOCK = 65_536  # points looked at before asking again whether the curve can still be short

Positions = NDArray[np.intp]
Distance = Callable[[NDArray[np.float64], NDArray[np.float64], Positions, Positions], NDArray[np.float64]]


def thin_line(tp: NDArray[np.int64], fp: NDArray[np.int64], along: NDArray[np.floating]) -> Positions:
    """Points to draw of a polyline that starts at (0, 0) and falls along no axis.

    Args:
        tp: (k,) int64, k >= 1, ascending counts that fix the shape, whatever the axes' units.
        fp: (k,) int64, the same for the other axis.
        along: (k,) float64 in (0, 2], x + y of each point in the unit square.

    Returns:
        Ascending positions, fewer than LIMIT, the last point among them. All points where they are
        that few; all but those exactly on the line between their neighbours where these are that few;
        else points that keep the whole line within TOLERANCE of the drawn one: the first of each stretch,
        and the last before a leap.
    """
    if len(along) < LIMIT:
        return np.arange(len(along))

    def turns(first: int, end: int) -> NDArray[np.bool_]:
        right, up = np.diff(fp[first - 1 : end + 1]), np.diff(tp[first - 1 : end + 1])
        return np.asarray(right[1:] * up[:-1] != right[:-1] * up[1:])

    leaves_line = tp[0] * (fp[1] - fp[0]) != fp[0] * (tp[1] - tp[0])
    corners = _corners(len(along), turns, is_first=bool(leaves_line))
    if corners is not None:
        return corners
    edges = np.linspace(0.0, along[-1], STRETCHES, endpoint=False)
    firsts = np.searchsorted(along, edges)
    firsts = np.unique(np.append(firsts, len(along) - 1))
    lasts = firsts[1:][np.diff(along[firsts]) > REACH] - 1
    return np.unique(np.concatenate([firsts, lasts]))


def thin_steps(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    """Points to draw of a curve of steps: from each point vertically, then horizontally, to the next.

    Args:
        x: (k,) float64 in [0, 1], k >= 1, ascending, equal values allowed.
        y: (k,) float64 in [0, 1], of any course. The curve comes to the first point from x = 0.

    Returns:
        Ascending positions, fewer than LIMIT, the last point among them. All points where they
        are that few; all but those without which the drawing is the same where these are that few;
        else points chosen so that the whole curve is within TOLERANCE of the drawn steps. Precision has
        never been found to need more than LIMIT for that, however its rows were ordered; a curve
        that does is drawn with the smallest tolerance, in steps of COARSER, that LIMIT allows.
    """
    if len(x) < LIMIT:
        return np.arange(len(x))

    def turns(first: int, end: int) -> NDArray[np.bool_]:
        before, here, after = y[first - 1 : end - 1], y[first:end], y[first + 1 : end + 1]
        falling = (after < here) & (here < before)
        rising = (after > here) & (here > before)
        upright = x[first - 1 : end - 1] == x[first:end]
        return np.asarray((after != here) & ~(upright & (falling | rising)))

    corners = _corners(len(x), turns, is_first=bool(y[1] != y[0]))
    if corners is not None:
        return corners
    outline = _outline(x, y)
    tolerance = TOLERANCE - 1.0 / COLUMNS
    while len(chosen := _refined(x[outline], y[outline], tolerance)) >= LIMIT:
        tolerance *= COARSER
    return outline[chosen]


def thin_course(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    """Points to draw of a curve of any course, joined by straight lines: a metric over its steps.

    Args:
        x: (k,) float64 in [0, 1], k >= 1, ascending, equal values allowed.
        y: (k,) float64 in [0, 1].

    Returns:
        Ascending positions, fewer than LIMIT, the last point among them. All points where they are that few;
        else points that keep the whole curve within TOLERANCE of the drawn lines, or, of a noisy one, within
        the smallest tolerance, in steps of COARSER, that LIMIT allows: peaks stay, what lies between goes.
    """
    if len(x) < LIMIT:
        return np.arange(len(x))
    outline = _outline(x, y)
    tolerance = TOLERANCE - 1.0 / COLUMNS
    while len(chosen := _refined(x[outline], y[outline], tolerance, _line_distance)) >= LIMIT:
        tolerance *= COARSER
    return outline[chosen]


def _corners(
    count: int, turns: Callable[[int, int], NDArray[np.bool_]], *, is_first: bool
) -> Positions | None:
    """The first point if `is_first`, those between where `turns(first, end)` holds, and the last.

    None where these are LIMIT or more, which a long curve shows after a few of its points.
    """
    found = [np.arange(int(is_first))]
    total = len(found[0]) + 1
    for first in range(1, count - 1, BLOCK):
        found.append(np.flatnonzero(turns(first, min(first + BLOCK, count - 1))) + first)
        total += len(found[-1])
        if total >= LIMIT:
            return None
    return np.concatenate([*found, [count - 1]])


def _outline(x: NDArray[np.float64], y: NDArray[np.float64]) -> Positions:
    """First, lowest, highest and last point in each column of x.

    The drawn steps then pass every height that the curve reaches in a column, so no point of it is
    further from them than a column is wide.
    """
    firsts = np.unique(np.searchsorted(x, np.linspace(0.0, 1.0, COLUMNS, endpoint=False)))
    firsts = firsts[firsts < len(x)]
    sizes = np.diff(firsts, append=len(x))
    chosen = [firsts, firsts + sizes - 1]
    for extreme in (np.minimum, np.maximum):
        reached = np.flatnonzero(y == np.repeat(extreme.reduceat(y, firsts), sizes))
        chosen.append(reached[np.searchsorted(reached, firsts)])
    return np.unique(np.concatenate(chosen))


def _refined(
    x: NDArray[np.float64], y: NDArray[np.float64], tolerance: float, distance_to: Distance | None = None
) -> Positions:
    """Points that keep every point within `tolerance` of the steps, or whatever is drawn through them.

    Douglas and Peucker's refinement (1973), all parts at once: each part that strays further than
    `tolerance` is cut at the point that is furthest. Points are enough to look at: along the path
    between two of them the distance to one drawn step is never larger than at both ends.
    """
    measure = distance_to or _step_distance
    keep = np.zeros(len(x), dtype=np.bool_)
    keep[np.searchsorted(x, np.linspace(0.0, x[-1], SEEDS, endpoint=False))] = True
    keep[[0, -1]] = True
    while True:
        ends = np.flatnonzero(keep)
        parts = np.repeat(np.arange(len(ends) - 1), np.diff(ends))  # of all points but the last
        distance = measure(x, y, ends[:-1][parts], ends[1:][parts])
        furthest = np.maximum.reduceat(distance, ends[:-1])
        strays = np.flatnonzero((distance == furthest[parts]) & (distance > tolerance))
        if not len(strays):
            return ends
        keep[strays[np.diff(parts[strays], prepend=-1) > 0]] = True


def _step_distance(
    x: NDArray[np.float64], y: NDArray[np.float64], start: Positions, end: Positions
) -> NDArray[np.float64]:
    """Distance of points 0 … m-1 to the step from point `start[i]` to `end[i]`; x lies between theirs."""
    here, goal = y[: len(start)], y[end]
    low, high = np.minimum(y[start], goal), np.maximum(y[start], goal)
    beyond = np.maximum(np.maximum(low - here, here - high), 0.0)
    return np.minimum(np.abs(here - goal), np.hypot(x[: len(start)] - x[start], beyond))


def _line_distance(
    x: NDArray[np.float64], y: NDArray[np.float64], start: Positions, end: Positions
) -> NDArray[np.float64]:
    """Distance of points 0 … m-1 to the straight line from point `start[i]` to `end[i]`."""
    right, up = x[end] - x[start], y[end] - y[start]
    along, above = x[: len(start)] - x[start], y[: len(start)] - y[start]
    size = right * right + up * up
    share = np.divide(along * right + above * up, size, out=np.zeros_like(size), where=size > 0)
    share = np.clip(share, 0.0, 1.0)
    return np.hypot(along - share * right, above - share * up)
