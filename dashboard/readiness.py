"""What the first page with figures would wait for, made ready while nobody waits."""

import gc
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from dashboard import theme
from dashboard.messages import LANGUAGES, Reader, _n, reader

WARM: Final = "runoff-warm"  # name of every thread that imports or builds ahead


def get_ready() -> None:
    """Prepare in the background, and let the garbage collector pass over what the whole process keeps.

    Call it when the other threads named WARM have started: a hundred thousand objects of modules that they
    import would otherwise be gone through while somebody waits.
    """
    others = [thread for thread in threading.enumerate() if thread.name == WARM]
    threading.Thread(target=_prepare_and_settle, args=(others,), name=WARM, daemon=True).start()


def _prepare_and_settle(others: Sequence[threading.Thread]) -> None:
    for thread in others:
        thread.join()  # plotly stumbles over a pandas that another thread has half imported
    prepare()
    gc.freeze()


def prepare() -> None:
    """Build figure templates with plotly's checks of them, and load each language's number formats.

    Takes a tenth of a second of one core; a second time costs nothing.
    """
    for language in LANGUAGES:
        token = reader.set(Reader(language))
        _write()
        reader.reset(token)
    for scheme in theme.Scheme:
        layout: dict[str, Any] = {"template": theme.template(scheme)}
        to_json_plotly(go.Figure([{"type": "scatter", "x": np.zeros(1)}], layout, _validate=False))


def _write() -> None:
    """One of each kind of number and time."""
    _n("{count} row", "{count} rows", 1)
    theme.signed(0.5)
    theme.significant(0.5)
    theme.percent(0.5, 1)
    theme.moment(datetime.now(UTC))
    theme.duration(1.0)
