# Everything starts here; only python3 (3.11 or later), make and a network to the package registries are needed.
#   make demo [DOCS=folder]   the main scenario with real processes
#   make sandbox              the whole network, until interrupted
#   make test                 the whole suite          make test-slow   what takes longer
#   make fuzz [INPUTS=1000000] odd inputs for the verification of signatures, in some minutes or as many as you like
#   make mutation             changes in the decision about access, and how many the tests notice: some minutes
#   make check                lint, types, import contracts, generated files, deployment files
#   make docs                 write the generated pages again
#   make clean                remove what these made

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: help demo sandbox test test-slow fuzz mutation check docs clean

help:
	@sed -n 's/^#   //p' Makefile

# DOCS may hold spaces and relative names: it is the shell's, not make's.
demo: export DOCS := $(DOCS)
demo: $(STAMP)
	@$(BIN)/python -m hub demo $${DOCS:+--docs "$$DOCS"}

sandbox: $(STAMP)
	@$(BIN)/python -m hub sandbox

# Side by side by whole files, because tests of one share what they start.
test: $(STAMP)
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --maxprocesses 4 --dist loadfile

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow

# What is found, and what the next run goes on with, stays in .fuzz.
fuzz: INPUTS ?= 50000
fuzz: $(STAMP)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz --inputs $(INPUTS)

mutation: $(STAMP)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[mutation]'
	$(BIN)/python -m tests.mutation

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m hub print-config --documentation | diff -u docs/configuration.md - \
		|| { echo "docs/configuration.md is stale: make docs"; exit 1; }
	@PATH="$(CURDIR)/$(BIN):$$PATH" deploy/check

docs: $(STAMP)
	$(BIN)/python -m hub print-config --documentation > docs/configuration.md
	$(BIN)/python -m hub.commands.rule_table docs/validation.md
	$(BIN)/python -m hub.commands.access_table docs/access.md

clean:
	rm -rf $(VENV) .sandbox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .fuzz mutants dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed again only when what is to be installed has changed.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name it: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python makes no virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -c 'from hub.storage.embedded import find_server; print("Redis server:", find_server())'
	@touch $@
