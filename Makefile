# Everything a person types. Nothing here needs more than make, Python 3.11 or newer and, for the tests, Chromium.

HOST ?= 127.0.0.1
PORT ?= 8050
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV ?= $(BIN)/uv

# Compiled once and kept: without its bytecode every process would compile MLflow anew, for ten seconds or more.
unexport PYTHONDONTWRITEBYTECODE

# The first interpreter that is new enough; PYTHON=... chooses another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$python" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$python" && break; done)

.PHONY: run test test-heavy check bench screenshot lock browser clean

run: $(VENV)/installed-run
	@exec $(BIN)/python app.py serve --host "$(HOST)" --port "$(PORT)"

# A file's tests stay in one process: what takes them seconds to make, they share. In the order of the folders,
# so that the browser's, which take longest, come first and no process is left with one of them at the end.
WORKERS ?= 2
test: $(VENV)/installed-dev browser
	$(BIN)/python -m pytest -m "not heavy" --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

# catboost and torch are large (torch for Linux brings CUDA): they have their own command.
test-heavy: $(VENV)/installed-heavy
	$(BIN)/python -m pytest -m heavy

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev browser
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/installed-dev browser
	$(BIN)/python docs/screenshot.py

browser:
	@command -v chromium >/dev/null || { \
		echo "Chromium is needed: sudo apt-get install chromium" >&2; exit 1; }

# Versions for every platform and every Python that is allowed; no index address is written down.
LOCK := --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --quiet --upgrade
lock: $(VENV)/made
	@command -v "$(UV)" >/dev/null || $(PIP) install --quiet uv
	"$(UV)" pip compile $(LOCK) pyproject.toml --output-file requirements.txt
	"$(UV)" pip compile $(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt
	"$(UV)" pip compile $(LOCK) --group heavy --constraint requirements.txt --constraint requirements-dev.txt \
		--output-file requirements-heavy.txt

clean:
	rm -rf $(VENV)

# Each stamp is as new as what was installed last, so a second `make run` installs nothing.
$(VENV)/made:
	@test -n "$(PYTHON)" || { \
		echo "Runoff needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3." >&2; exit 1; }
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
		echo "Runoff needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" -V 2>&1)." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing: sudo apt-get install python3-venv" >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/installed-run: $(VENV)/made requirements.txt
	$(PIP) install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed-run requirements-dev.txt
	$(PIP) install --quiet --requirement requirements.txt --requirement requirements-dev.txt
	@touch $@

$(VENV)/installed-heavy: $(VENV)/installed-dev requirements-heavy.txt
	$(PIP) install --quiet --requirement requirements.txt --requirement requirements-dev.txt \
		--requirement requirements-heavy.txt
	@touch $@
