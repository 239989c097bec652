"""What tests of several folders need: an empty store, the demo as people get it, a process that scores."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from core.evidence.isolation.nursery import Nursery
from core.lifecycle.background import Demo, DemoProgress
from core.settings import Settings, load_settings
from tests.core.evidence.isolation.hostile import SECRET


@dataclass
class Reports:
    """What a filling said; `under_way` is set when the first model has been made."""

    said: list[DemoProgress] = field(default_factory=list)
    under_way: threading.Event = field(default_factory=threading.Event)

    def __call__(self, progress: DemoProgress) -> None:
        self.said.append(progress)
        if progress.step:
            self.under_way.set()


@dataclass(frozen=True)
class MadeDemo:
    """The embedded store below `settings.data_dir`, and how it came to be: stopped once, then started again."""

    settings: Settings
    stopped_at: DemoProgress | None
    left_behind: list[psutil.Process]
    reports: list[DemoProgress]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as MLflow sets it up, which takes it seconds: copy the file."""
    from core.lifecycle.embedded import make_store  # noqa: PLC0415 - MLflow takes seconds; few tests need it

    path = tmp_path_factory.mktemp("empty") / "mlflow.db"
    make_store(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> MadeDemo:
    """The whole demo. Everybody shares it: change nothing in it."""
    folder = tmp_path_factory.mktemp("demo") / "日本語 50% #new"
    settings = load_settings(None, environ={}, folder=folder)
    first, reports = Demo(settings), Reports()
    first.start(reports)
    assert reports.under_way.wait(120)
    children = demo_children()
    first.close()
    second, reports = Demo(settings), Reports()
    second.start(reports)
    second.wait(120)
    second.close()
    return MadeDemo(
        settings, first.progress(), [child for child in children if child.is_running()], reports.said
    )


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """One fork server for everybody, since it takes seconds to start: while there are secrets around."""
    made = Nursery(tmp_path_factory.mktemp("nursery"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_PASSWORD", "DATABASE_URL"):
            patch.setenv(name, SECRET)
        made.start()
    yield made
    made.close()


def demo_children() -> list[psutil.Process]:
    """The processes below this one that make the demo."""
    return [
        process
        for process in psutil.Process().children()
        if process.status() != psutil.STATUS_ZOMBIE and "core.lifecycle.filling_process" in process.cmdline()
    ]
