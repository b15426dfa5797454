# wfnb: `make lab` to use it, `make test` to test it, `make check` before a commit.
# Needs make, git and Python >= 3.11. Everything else is installed into .venv/ and extension/node_modules/.

.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
LAB_ARGS ?=
TEST_ARGS ?=

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
export PATH := $(BIN):$(PATH)
# Node and uv trust what the system trusts, as pip does.
export NODE_USE_SYSTEM_CA ?= 1
export UV_NATIVE_TLS ?= 1

# A stamp says that what it names is as new as what it depends on.
PACKAGES := $(VENV)/.packages
INSTALLED := $(VENV)/.installed
MODULES := extension/node_modules/.modules
BUNDLE := wfnb/static/widget.js
LINK := $(VENV)/share/jupyter/labextensions/wfnb

TYPESCRIPT := $(shell find extension/src extension/style extension/schema -type f 2>/dev/null) \
	$(addprefix extension/,package.json tsconfig.json widget.build.mjs)
TOUR := $(firstword $(wildcard notebooks/00_tour.ipynb notebooks) .)
ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

# What runs side by side says what it has to say when it is done, where make can do that.
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: help env lab test test-browser test-others test-long check check-python check-extension bench format schema lock build clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

# --- the environment ------------------------------------------------------------------------------

env: $(PACKAGES) $(INSTALLED) $(MODULES) $(BUNDLE) $(LINK) ## make or refresh the environment, and build the extension

# Debian keeps the standard library's venv in a package of its own.
$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "wfnb needs Python 3.11 or newer, and found none: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		apt-get install -y -qq python3-venv && $(PYTHON) -m venv --clear $(VENV); }

$(PACKAGES): requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' $<)"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

$(INSTALLED): pyproject.toml extension/hatch_build.py $(PACKAGES)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(MODULES): extension/package.json extension/yarn.lock extension/.yarnrc.yml $(PACKAGES)
	cd extension && $(BIN)/jlpm install --immutable
	@touch $@

$(BUNDLE): $(TYPESCRIPT) $(MODULES)
	cd extension && $(BIN)/jlpm build
	@touch $@

$(LINK): | $(PACKAGES)
	@mkdir -p $(@D)
	ln -sfn $(CURDIR)/wfnb/labextension $@

# --- the commands ---------------------------------------------------------------------------------

lab: env ## start JupyterLab on the tour (LAB_ARGS=--no-browser keeps the browser shut)
	$(BIN)/jupyter lab $(ROOT) $(LAB_ARGS) $(TOUR)

test: env ## run every test but the long ones (TEST_ARGS="-k word" for some)
	$(BIN)/python -m tests.tools.chromium --install
	cd extension && $(BIN)/jlpm test
	@$(MAKE) --no-print-directory -j2 $(SYNC) test-browser test-others

# Side by side, because those in a browser wait half of the time; each half takes about as long.  Where a word selects none
# of them that is no failure.
test-browser:
	$(BIN)/python -m pytest $(wildcard tests/browser/test_[a-q]*.py) -o cache_dir=.pytest_cache/browser $(TEST_ARGS) || [ $$? = 5 ]

test-others:
	failed=0; \
	$(BIN)/python -m pytest --ignore=tests/browser $(TEST_ARGS) || [ $$? = 5 ] || failed=1; \
	$(BIN)/python -m pytest $(wildcard tests/browser/test_[!a-q]*.py) -o cache_dir=.pytest_cache/others $(TEST_ARGS) || [ $$? = 5 ] || failed=1; \
	exit $$failed

test-long: env ## run the tests that take minutes
	$(BIN)/python -m tests.tools.chromium --install
	$(BIN)/python -m pytest -m long $(TEST_ARGS)

check: env ## lint, types, floors, schema drift: before every commit
	@$(MAKE) --no-print-directory -j2 check-python check-extension

check-python: env
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(if $(wildcard wfnb/widgets/schema.py),$(BIN)/python -m wfnb.widgets.schema --check)

check-extension: env
	cd extension && $(BIN)/jlpm check

format: env ## put everything into its canonical form
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .
	cd extension && $(BIN)/jlpm format

schema: env ## write the JSON Schema and the TypeScript types from the model
	$(BIN)/python -m wfnb.widgets.schema

bench: env ## measure, each figure with its floor beside it
	$(BIN)/python -m tests.bench

lock: env ## choose new versions of what developers use
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade --quiet \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --output-file requirements-dev.txt
	cd extension && $(BIN)/jlpm up '*'

build: env ## make dist/*.whl and dist/*.tar.gz with a fresh production build
	rm -rf dist wfnb/labextension wfnb/static
	$(BIN)/python -m hatchling build

clean: ## remove everything that was made here
	rm -rf $(VENV) dist wfnb/labextension wfnb/static extension/lib extension/node_modules extension/.yarn \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache tests/browser/artifacts
