.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SIDE_BY_SIDE := -n 2
# Modules stay whole, as their tests share servers and browsers. Each process starts its own stack (2 GB).
MODULES := $(SIDE_BY_SIDE) --dist loadfile

.PHONY: help demo test test-fast test-faults test-mutations check bench up down lock

help: ## Show the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@echo "Creating $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; name one with PYTHON=") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e ./roost_client
	@touch $@

demo: $(STAMP) ## Start everything with sample data and watch the stages fill
	@$(BIN)/roost demo

test: $(STAMP) ## All tests: pure, real Kafka and Elasticsearch, a real browser, injected faults
	$(BIN)/pytest tests/unit -q $(SIDE_BY_SIDE)
	$(BIN)/pytest tests/stack -q $(MODULES)
	$(BIN)/pytest tests/console -q $(MODULES)
	$(BIN)/pytest tests/faults -q

test-fast: $(STAMP) ## The pure tests, in minutes
	$(BIN)/pytest tests/unit -q $(SIDE_BY_SIDE)

test-faults: $(STAMP) ## The fault matrix: SEEDS="7 8" ROWS="2 4" (ROWS=all), SABOTAGE=1 for the oracle
	@ROWS="$(or $(ROWS),all)" SEEDS="$(or $(SEEDS),7)" $(BIN)/pytest tests/faults -q

test-mutations: $(STAMP) ## Switch each defence of docs/security.md off and show that its tests fail (half an hour): LINES="14 15", SERVERS=1 for tests with servers
	$(BIN)/python -m tests.mutations $(if $(SERVERS),--servers --jobs 1) $(LINES)

check: $(STAMP) ## Formatter, linter, docstrings of services, types, imports, repeated code, vulnerable dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/ruff check --isolated --select D1 --ignore D105,D107 api/*/service.py
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pylint --disable=all --enable=duplicate-code api bench deploy matcher producers roost roost_client streams tests
	@$(BIN)/python -m deploy.dependency_audit requirements.lock

bench: $(STAMP) ## Pipeline, recall of searches, notifications, API, change feed, stage engines, and the worst texts of every text function
	$(BIN)/python -m bench.pipeline
	$(BIN)/python -m bench.recall
	$(BIN)/python -m bench.notifications
	$(BIN)/python -m bench.api_load
	$(BIN)/python -m bench.feed_latency
	$(BIN)/python -m bench.runners
	$(BIN)/python -m bench.import_rows
	$(BIN)/python -m bench.worst_case_text

up: $(STAMP) ## Start Roost on this machine (Ctrl-C stops it)
	@$(BIN)/roost up

down: $(STAMP) ## Stop a running Roost
	@$(BIN)/roost down

lock: $(STAMP) ## Regenerate requirements.lock and the hashes of Maven's files
	$(BIN)/python -m deploy.local.lock_artifacts
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --no-header --quiet pyproject.toml -o requirements.lock
