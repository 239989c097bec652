"""Elements of the page that compares runs."""

from enum import StrEnum
from typing import Final


class Ids(StrEnum):
    """Elements of the page."""

    RUNS = "run-comparison-runs"  # data: {"runs": [ids]} or {"selection": key}
    DEFAULTS = "run-comparison-defaults"  # data: what the page chose by itself
    NARROW = "run-comparison-narrow"  # data: dashboard/run_narrowing.py's
    ORIGIN = "run-comparison-origin"  # data: who narrowed last, the parallel axes themselves or somebody else
    POLL = "run-comparison-poll"
    CURVES_POLL = "run-comparison-curves-poll"
    COUNT = "run-comparison-count"
    LINKS = "run-comparison-links"
    STATE = "run-comparison-state"
    BODY = "run-comparison-body"
    METRIC = "run-comparison-metric"
    DIRECTION = "run-comparison-direction"
    CHIPS = "run-comparison-chips"
    RANGES = "run-comparison-ranges"
    KEEP = "run-comparison-keep"
    CLEAR = "run-comparison-clear"
    NARROW_FIELD = "run-comparison-narrow-field"
    NARROW_FROM = "run-comparison-narrow-from"
    NARROW_TO = "run-comparison-narrow-to"
    NARROW_ADD = "run-comparison-narrow-add"
    AXES = "run-comparison-axes"
    PARALLEL = "run-comparison-parallel"
    PARALLEL_DATA = "run-comparison-parallel-data"
    DRAWN = "run-comparison-drawn"  # data: when the first picture was painted: the others wait for it
    X = "run-comparison-x"
    Y = "run-comparison-y"
    COLOR = "run-comparison-color"
    SCATTER = "run-comparison-scatter"
    SCATTER_NOTE = "run-comparison-scatter-note"
    BY = "run-comparison-by"
    BOX = "run-comparison-box"
    BOX_NOTE = "run-comparison-box-note"
    HISTORY = "run-comparison-history"
    OVER = "run-comparison-over"
    LOG = "run-comparison-log"
    SMOOTH = "run-comparison-smooth"
    MORE = "run-comparison-more"
    CURVES = "run-comparison-curves"
    CURVES_NOTE = "run-comparison-curves-note"
    CURVES_STATE = "run-comparison-curves-state"
    NESTED = "run-comparison-nested"
    SWEEP = "run-comparison-sweep"
    SWEEP_BOX = "run-comparison-sweep-box"
    SWEEP_NOTE = "run-comparison-sweep-note"
    TREE = "run-comparison-tree"
    TREE_DATA = "run-comparison-tree-data"
    LINES_DATA = "run-comparison-lines-data"
    LINES_NOTE = "run-comparison-lines-note"
    LINES_CHIPS = "run-comparison-lines-chips"
    LINES = "run-comparison-lines"
    SAME = "run-comparison-same"
    BARS = "run-comparison-bars"
    TABLE = "run-comparison-table"
    TABLE_NOTE = "run-comparison-table-note"


FIELDS: Final = (Ids.METRIC, Ids.AXES, Ids.X, Ids.Y, Ids.COLOR, Ids.BY, Ids.HISTORY, Ids.NARROW_FIELD)
