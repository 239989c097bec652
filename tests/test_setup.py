"""What a fresh clone is set up from: the Makefile, the locks, what CI runs."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {
    "requirements.txt": ("project", "dependencies"),
    "requirements-dev.txt": ("dependency-groups", "dev"),
    "requirements-heavy.txt": ("dependency-groups", "heavy"),
}
CLEAN = {
    name: value for name, value in os.environ.items() if name not in {"HOST", "PORT", "MAKEFLAGS", "MFLAGS"}
}


def make(*arguments: str, folder: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**CLEAN, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def locked(name: str) -> list[Requirement]:
    return [Requirement(line) for line in (ROOT / name).read_text().splitlines()]


@pytest.mark.parametrize("name", LOCKS)
def test_every_version_is_locked_to_one_number(name: str) -> None:
    for requirement in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_holds_what_the_project_asks_for(name: str) -> None:
    table, key = LOCKS[name]
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())[table][key]
    for wanted in map(Requirement, asked):
        found = [requirement for requirement in locked(name) if requirement.name == wanted.name.lower()]
        assert found, f"{wanted.name} is missing in {name}: make lock"
        for requirement in found:
            version = str(requirement.specifier).removeprefix("==")
            assert wanted.specifier.contains(version, prereleases=True), f"{requirement} is not {wanted}"


def test_locks_agree_with_one_another() -> None:
    versions: dict[tuple[str, str], str] = {}
    for requirement in (one for name in LOCKS for one in locked(name)):
        key = (requirement.name, str(requirement.marker))
        assert versions.setdefault(key, str(requirement.specifier)) == str(requirement.specifier), key


@pytest.mark.parametrize("name", [*LOCKS, "pyproject.toml", "Makefile", ".ci/run"])
def test_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--default-index|--find-links|--trusted-host", text)


@pytest.mark.parametrize("target", ["run", "test", "test-heavy", "check", "bench", "lock", "screenshot"])
def test_targets_are_there(target: str) -> None:
    assert make("-n", target).returncode == 0


def test_host_and_port_reach_the_server() -> None:
    assert 'app.py serve --host "127.0.0.1" --port "8050"' in make("-n", "run").stdout
    assert '--host "0.0.0.0" --port "9000"' in make("-n", "run", "PORT=9000", "HOST=0.0.0.0").stdout
    assert '--port "9001"' in make("-n", "run", PORT="9001").stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A folder with a space in its name that holds nothing but the Makefile and empty locks."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    for name in LOCKS:
        (folder / name).touch()
    return folder


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_an_old_python_is_refused_in_one_sentence(fresh: Path) -> None:
    old = program(fresh / "old", 'case "$1" in -V) echo "Python 3.9.1";; *) exit 1;; esac')
    made = make("run", f"PYTHON={old}", folder=fresh)
    assert made.returncode != 0
    assert f"Runoff needs Python 3.11 or newer; {old} is Python 3.9.1." in made.stderr
    assert not (fresh / ".venv").exists()


def test_without_a_python_the_sentence_says_what_to_do(fresh: Path) -> None:
    made = make("run", "PYTHON=", folder=fresh)
    assert made.returncode != 0
    assert "install it, or name it with PYTHON=" in made.stderr


def test_what_is_installed_is_not_installed_again(fresh: Path) -> None:
    (fresh / ".venv/bin").mkdir(parents=True)
    program(fresh / ".venv/bin/python", 'echo "$@" >>calls')
    (fresh / ".venv/made").touch()
    for _ in range(2):
        assert make("run", folder=fresh).returncode == 0
    calls = (fresh / "calls").read_text().splitlines()
    assert [call.split()[0:2] for call in calls].count(["-m", "pip"]) == 1
    assert [call.split()[0] for call in calls].count("app.py") == 2


def test_a_missing_browser_is_one_line_with_the_way_to_get_it(fresh: Path) -> None:
    (fresh / "bin").mkdir()
    for name in ("sh", "make", "echo"):
        found = shutil.which(name)
        assert found
        (fresh / "bin" / name).symlink_to(found)
    made = make("browser", "PYTHON=x", folder=fresh, PATH=str(fresh / "bin"))
    assert made.returncode != 0
    assert made.stderr.splitlines()[0] == "Chromium is needed: sudo apt-get install chromium"


def test_ci_runs_the_checks_and_then_the_tests(fresh: Path) -> None:
    (fresh / "bin").mkdir()
    (fresh / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", fresh / ".ci")
    calls = fresh / "calls"
    program(fresh / "bin/make", f'echo "$PWD $*" >>"{calls}"; test "$1" != "$FAIL"')
    environ = {**CLEAN, "CI": "false", "PATH": f"{fresh / 'bin'}:{os.environ['PATH']}"}

    subprocess.run([fresh / ".ci/run"], env={**environ, "FAIL": ""}, check=True)
    assert calls.read_text().splitlines() == [f"{fresh} check", f"{fresh} test"]

    calls.unlink()
    failed = subprocess.run([fresh / ".ci/run"], env={**environ, "FAIL": "check"}, check=False)
    assert failed.returncode != 0
    assert calls.read_text().splitlines() == [f"{fresh} check"]


def test_ci_installs_what_pip_cannot_bring_and_tries_again(fresh: Path) -> None:
    """As root on a Debian without Chromium, whose package server fails once."""
    (fresh / "bin").mkdir()
    (fresh / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", fresh / ".ci")
    for name in ("env", "bash", "sh", "dirname", "find", "cat"):
        found = shutil.which(name)
        assert found
        (fresh / "bin" / name).symlink_to(found)
    calls = fresh / "calls"
    program(fresh / "bin/id", "echo 0")
    program(fresh / "bin/sleep", "exit 0")
    program(fresh / "bin/python3", "exit 0")
    program(fresh / "bin/make", f'echo "make $1" >>"{calls}"')
    program(
        fresh / "bin/apt-get",
        f'echo "apt-get $1" >>"{calls}"; echo "$@" >>"{calls}.all"; test "$(cat "{calls}")" != "apt-get update"',
    )
    subprocess.run([fresh / ".ci/run"], env={"CI": "true", "PATH": str(fresh / "bin")}, check=True)
    assert calls.read_text().split("\n")[:-1] == [
        "apt-get update", "apt-get update", "apt-get install", "apt-get install", "make check", "make test"
    ]  # fmt: skip
    assert " chromium" in Path(f"{calls}.all").read_text()
    assert " chromium-headless-shell" in Path(f"{calls}.all").read_text()
