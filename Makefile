# Two commands: `make book` and `make test`. Each first puts what it needs in .venv.
#
# The targets wrap `python book/build.py` and `python -m pytest`, which work the same on Windows (see README.md).

PYTHON ?= python3
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help book test lint recovery browser constraints clean

help:
	@echo "make book     build the book and print the file to open"
	@echo "make test     run the linter, the type checker and every test"
	@echo "make lint     run the linter and the type checker alone"
	@echo "make recovery the full coverage tables, which the tests run in small: an hour or more"
	@echo "make browser  install Chromium for the tests of the built book (Debian, Ubuntu)"
	@echo "make clean    remove what was built; keep .venv"

book: $(READY)
	$(BIN)/python book/build.py

test: lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The full run behind data/derived/coverage_*.csv: make recovery TOPICS="counts people", or all of them.
recovery: $(READY)
	$(BIN)/python tests/recovery/run.py $(TOPICS)

# Nothing is installed where a browser is there already, whoever made it.
browser:
	@bash .ci/browser

# A new lock after a change of dependencies. It names versions only: no index, no path, no machine.
constraints: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra book --extra test --extra dev --universal --python-version 3.11 \
	    --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file constraints.new
	@{ echo "# The versions this project was last tested with, on every system and Python it supports."; \
	   echo "# Made by 'make constraints'; read by pip with -c constraints.txt."; \
	   grep -v '^#' constraints.new; } > constraints.txt
	@rm constraints.new

# Set-up happens once, and again when the dependencies change.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here. Install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or later is needed, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1)."; \
	    echo "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	    echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[book,test,dev]" -c constraints.txt
	@touch $(READY)

clean:
	rm -rf book/_build build dist .pytest_cache .ruff_cache .mypy_cache *.egg-info constraints.new
	find toolkit tests book -name __pycache__ -type d -prune -exec rm -rf {} +
