"""The test split in a line: where it is from, how many rows, how many positive, which exactly."""

from typing import Any

from dash import html

from core.evidence.split import Split
from dashboard.components.cards import icon
from dashboard.components.copying import copy_button
from dashboard.messages import _, _n
from dashboard.theme import integer

SHORT = 8  # hexadecimal digits of a fingerprint that people compare by eye


def split_chip(split: Split) -> list[Any]:
    """What stands in the chip; its button copies the whole fingerprint."""
    digits = split.fingerprint.removeprefix("sha256:")[:SHORT]
    copy = _("Copy the fingerprint {fingerprint}", fingerprint=split.fingerprint)
    return [
        icon("table"),
        html.Span(
            _("test split: {source}", source=split.source), className="split-source", title=split.source
        ),
        html.Span(_n("{count} row", "{count} rows", split.rows), className="dotted"),
        html.Span(_("{count} positive", count=integer(split.positives)), className="dotted"),
        copy_button(split.fingerprint, shown=digits, label=copy, class_name="split-fingerprint"),
    ]
