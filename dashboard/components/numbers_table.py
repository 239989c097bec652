"""All metrics of all versions as a table: the numbers behind the bars."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.evidence.metrics import Metric
from dashboard.components.elements import Element, element, judging, moving
from dashboard.messages import _

WITH_TERMS: Final = frozenset({"cost"})  # metrics whose terms move: a note beside the title


class Column(NamedTuple):
    """A version as the head of a column."""

    number: int
    title: str
    swatch: Element
    is_baseline: bool
    has_deltas: bool

    def head(self) -> Element:
        """What stands above the numbers."""
        role = element("span", f" {_('baseline')}", class_="row-note") if self.is_baseline else None
        return element("th", self.swatch, self.title, role, scope="col")


def numbers_table(columns: Sequence[Column], metrics: Sequence[Metric]) -> Element:
    """One row for each metric; the texts come with the threshold."""
    caption = element(
        "caption", _("Metrics of each version and differences to the baseline"), class_="visually-hidden"
    )
    heads = [column.head() for column in columns]
    rows = [
        _row(metric.name, _(metric.title), columns, is_loss=not metric.greater_is_better)
        for metric in metrics
    ]
    return element(
        "table",
        caption,
        element("thead", element("tr", element("th", _("metric"), scope="col"), *heads)),
        element("tbody", *rows),
        class_="numbers",
    )


def _row(metric: str, title: str, columns: Sequence[Column], *, is_loss: bool) -> Element:
    terms = moving(f"{metric} terms", "row-note cell-note") if metric in WITH_TERMS else None
    note = (
        element(
            "span",
            " ↓",
            element("span", _("lower is better"), class_="visually-hidden"),
            class_="row-note",
            title=_("lower is better"),
        )
        if is_loss
        else None
    )
    cells = [
        element(
            "td",
            moving(f"{column.number} {metric}", "number"),
            moving(f"{column.number} {metric} delta", "delta") if column.has_deltas else None,
            element(
                "span",
                judging(f"{column.number} {metric}", "interval"),
                judging(f"{column.number} {metric} delta", "interval") if column.has_deltas else None,
                class_="intervals",
            ),
        )
        for column in columns
    ]
    return element("tr", element("th", title, note, terms, scope="row"), *cells)
