"""The demo is made by a child process while the pages already answer."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import RunoffError, StoreError
from core.messages import Message, message
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_END = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProgress:
    """How far the filling is: `step` of `total` steps are done; a total of 0 is not known yet."""

    step: int
    total: int
    text: Message
    done: bool = False
    error: RunoffError | None = None


def _ignore(_: DemoProgress) -> None:
    """Report to nobody."""


class Demo:
    """Fills the embedded store from a child process; any thread may ask how far it is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._progress: DemoProgress | None = None
        self._child: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._closed = False

    def progress(self) -> DemoProgress | None:
        """The latest report; None where this process fills nothing."""
        return self._progress

    def start(self, report: Callable[[DemoProgress], None] = _ignore) -> None:
        """Start the child unless the demo is there already; `report` is called from a thread of its own.

        Nothing is written into a store that somebody named.
        """
        if not self._settings.embedded or self._child is not None or self._is_there():
            return
        folder = self._settings.data_dir.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self._tell(report, DemoProgress(step=0, total=0, text=message("Preparing the demo.")))
        command = [sys.executable, "-m", "core.lifecycle.filling_process"]
        with self._log.open("w", encoding="utf-8") as log:
            self._child = subprocess.Popen(  # noqa: S603  our own module, no shell
                [*command, self._settings.tracking_uri, str(folder)],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is for the server, which ends its child itself
            )
        self._reader = threading.Thread(target=self._follow, args=(report,), name="demo", daemon=True)
        self._reader.start()

    def wait(self, timeout: float | None = None) -> None:
        """Return when the filling is over, or after `timeout` seconds."""
        if self._reader is not None:
            self._reader.join(timeout)

    def close(self) -> None:
        """End the child; the next start goes on where it stopped."""
        self._closed = True
        if self._child is None or self._child.stdin is None:
            return
        self._child.stdin.close()  # the child ends itself when this pipe closes
        try:
            self._child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._child.kill()
        self.wait(SECONDS_TO_END)

    @property
    def _log(self) -> Path:
        return self._settings.data_dir / "demo.log"

    @property
    def _mark(self) -> Path:
        return self._settings.data_dir / "demo-is-there"

    def _is_there(self) -> bool:
        """Whether a start can be spared; the store itself is what the child goes by."""
        return self._mark.exists() and (self._settings.data_dir / "mlflow.db").exists()

    def _follow(self, report: Callable[[DemoProgress], None]) -> None:
        """Read the child's reports until it ends."""
        child = self._child
        assert child is not None
        assert child.stdout is not None
        total = 0
        with child.stdout as lines:
            for line in lines:
                step, total, name = (json.loads(line)[key] for key in ("step", "total", "name"))
                if name:
                    text = message("Making the demo: training {model}.", model=name)
                    self._tell(report, DemoProgress(step=step, total=total, text=text))
        if child.wait() == 0:
            self._mark.touch()
            text = message("The demo is ready.")
            self._tell(report, DemoProgress(step=total, total=total, text=text, done=True))
        elif not self._closed:
            error = StoreError(
                message("The demo could not be made."),
                message("{log} says why; the next start goes on where it stopped.", log=self._log),
            )
            self._tell(report, DemoProgress(step=0, total=total, text=error.title, error=error))

    def _tell(self, report: Callable[[DemoProgress], None], progress: DemoProgress) -> None:
        self._progress = progress
        report(progress)


def _environment() -> dict[str, str]:
    """The child's: no MLflow settings meant for other stores, and one thread, the page needs the rest."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    return {
        **inherited,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
