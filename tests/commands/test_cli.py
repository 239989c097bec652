import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from commands.cli import run
from commands.session import Parts
from core.settings import DEMO_FILE
from tests.commands.conftest import Call

APP = DEMO_FILE.parent / "app.py"


def parts(raised: BaseException) -> Parts:
    """Parts of which none can be made."""

    def fail(*_: Any) -> NoReturn:
        raise raised

    return Parts(services=fail, web=fail)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such"], "Error: No such command 'no-such'. Try 'python app.py --help'.\n"),
        (["models", "--wrong"], "Error: No such option '--wrong'. Try 'python app.py models --help'.\n"),
        (
            ["serve", "--port", "99999"],
            "99999 is not in the range 0<=x<=65535. Try 'python app.py serve --help'.\n",
        ),
        (
            ["models", "--format", "xml"],
            "'xml' is not one of 'table', 'json'. Try 'python app.py models --help'.\n",
        ),
    ],
)
def test_wrong_usage_is_one_line(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parts(AssertionError()), arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(sentence)
    assert said.err.count("\n") == 1


def test_an_unexpected_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parts(KeyError("a\nb")), ["models"]) == 3
    said = capsys.readouterr()
    assert said == ("", "Error: Unexpected, a mistake of Runoff: KeyError: 'a\\nb'. --debug shows where.\n")


def test_debug_shows_where_it_comes_from() -> None:
    with pytest.raises(KeyError):
        run(parts(KeyError("a")), ["--debug", "models"])


def test_an_interrupt_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(parts(KeyboardInterrupt()), ["models"]) == 130
    assert capsys.readouterr() == ("", "\n")


def test_a_wrong_configuration_stops_everything(call: Call, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("tracking_url: x\n")
    ended = call("--config", str(tmp_path / "wrong.yaml"), "models")
    assert (ended.status, ended.out) == (2, "")
    assert "tracking_url is not a setting. Did you mean tracking_uri?" in ended.err
    assert ended.err.count("\n") == 1


def test_a_store_that_is_not_there(call: Call, tmp_path: Path) -> None:
    ended = call("--tracking-uri", f"sqlite:///{tmp_path}/none.db", "models")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert not (tmp_path / "none.db").exists()


def test_the_options_win_over_the_environment(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied_demo: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/none.db")
    assert call("models").status == 3
    assert call("--tracking-uri", f"sqlite:///{copied_demo}/.runoff/mlflow.db", "models").status == 0


def test_an_empty_embedded_store_is_no_failure(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = call("models")
    assert (ended.status, ended.out) == (0, "")
    assert "has no registered model" in ended.err
    assert not (tmp_path / ".runoff/mlflow.db").exists()


def program(*arguments: str, folder: Path, **options: Any) -> subprocess.Popen[str]:
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MLFLOW_TRACKING_URI", "RUNOFF_CONFIG"}
    }
    return subprocess.Popen(
        [sys.executable, str(APP), *arguments],
        cwd=folder,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def test_a_reader_that_goes_away_is_no_error(copied_demo: Path) -> None:
    """As in `python app.py models | head -0`."""
    read, write = os.pipe()
    with program("models", folder=copied_demo, stdout=write) as ended:
        os.close(write)
        os.close(read)
        _, err = ended.communicate(timeout=60)
    assert (ended.returncode, err) == (141, "")


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, app; from commands.cli import run; from commands.session import Parts\n"
        "run(Parts(app.make_services, app.make_web), sys.argv[1:])\n"
        "print(sorted(set(sys.modules) & {'mlflow', 'dash', 'plotly', 'pandas', 'numpy', 'sklearn', 'flask'}), file=sys.stderr)"
    )
    for arguments in (["--help"], ["compare", "--help"]):
        ended = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=APP.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stderr == "[]\n"
        assert ended.stdout.startswith("Usage: python app.py")
