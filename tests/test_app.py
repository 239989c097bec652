"""The composition root: nothing starts before it is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import app
from core.settings import DEMO_FILE

ROOT = DEMO_FILE.parent


def python(code: str, folder: Path) -> str:
    """What code says when Python runs it in a folder, with the project to import from and no store named."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "RUNOFF_"))
    }
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_importing_it_starts_nothing_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = """
import threading, app
print(sorted({name.partition(".")[0] for name in sys.modules} & {"mlflow", "dash", "plotly", "pandas", "numpy"}))
print(threading.active_count())
"""
    assert python(code, tmp_path) == "[]\n1\n"
    assert list(tmp_path.iterdir()) == []


def test_the_first_page_needs_neither_mlflow_nor_pandas(tmp_path: Path) -> None:
    """They take seconds to import; what shows a page imports Dash alone."""
    code = """
import app
services = app.make_services(None, None)
print(services.store.address, sorted(set(sys.modules) & {"mlflow", "dash", "plotly", "pandas", "sklearn"}))
from dashboard.factory import create_app
print(create_app(services).server.test_client().get("/").status_code)
print(sorted(set(sys.modules) & {"mlflow", "pandas", "pyarrow", "scipy", "sklearn"}))
services.close()
"""
    assert python(code, tmp_path) == "sqlite:///.runoff/mlflow.db []\n200\n[]\n"
    assert list(tmp_path.iterdir()) == []


def test_a_wsgi_server_gets_its_application_once(tmp_path: Path) -> None:
    """As in `gunicorn app:server`."""
    code = """
import time
import app
from app import server
print(server is app.server, server.test_client().get("/healthz").status_code)
from dashboard import theme
while theme.template.cache_info().currsize < len(theme.Scheme):  # made ahead, in the background
    time.sleep(0.01)
"""
    assert python(code, tmp_path) == "True 200\n"


def test_a_python_without_the_libraries_is_told_so(tmp_path: Path) -> None:
    """As in `python app.py` where the virtual environment was meant."""
    bare = [sys.executable, "-S", str(ROOT / "app.py"), "models"]  # no site-packages
    ended = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        f"Error: click is not installed for {sys.executable}. "
        "Start with make run once, then with .venv/bin/python app.py.\n"
    )


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="module 'app' has no attribute 'application'"):
        _ = app.application
