"""A working directory with a store of its own, and the command line in this process."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

import app
from commands.cli import run
from commands.session import Parts
from core.evidence.isolation.nursery import Nursery
from core.evidence.scoring import Scorer
from tests.conftest import MadeDemo


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture(scope="package")
def copied_demo(demo: MadeDemo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory whose embedded store holds the demo; its model files stay where they are."""
    folder = tmp_path_factory.mktemp("copied")
    (folder / ".runoff").mkdir()
    shutil.copy(demo.settings.data_dir / "mlflow.db", folder / ".runoff")
    return folder


@pytest.fixture
def call(
    copied_demo: Path, nursery: Nursery, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """`python app.py` with arguments, in the working directory of the demo."""
    monkeypatch.setattr("core.evidence.scoring.Scorer", partial(Scorer, nursery=nursery))
    return _called_in(copied_demo, monkeypatch, capsys)


@pytest.fixture
def call_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The same in a working directory where there is nothing yet."""
    return _called_in(tmp_path, monkeypatch, capsys)


def _called_in(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("RUNOFF_CONFIG", raising=False)

    def called(*arguments: str) -> Ended:
        capsys.readouterr()
        status = run(Parts(services=app.make_services, web=app.make_web), arguments)
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return called
