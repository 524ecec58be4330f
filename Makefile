# What there is to do: make help
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LANDING ?= $(or $(PLUMBLINE_LANDING),data/landing)
WAREHOUSE := $(or $(PLUMBLINE_WAREHOUSE),data/plumbline.duckdb)

# Files as they are named: those with few tests that take long come early, so that no core waits for the other at the end.
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help build daily bi sample check test test-long lint bench compare docs breaks attack lock clean

help: ## say what there is to do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

.venv/build: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.lock .venv/build
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

sample: .venv/build ## write the demo sample where nothing has landed yet
	@if [ -z "$$(ls -A '$(LANDING)' 2>/dev/null)" ]; then $(BIN)/plumbline sample --scale demo --landing '$(LANDING)'; fi

build: sample ## make the environment, the sample if nothing has landed, and the warehouse
	$(BIN)/dbt build
	@echo
	@echo "The warehouse is $(WAREHOUSE). What to look at next:"
	@echo "  $(BIN)/plumbline query 'from dev_marts.mart_queue_health limit 10'"
	@echo "  README.md, 'First queries'"
	@echo "  make bi   to open it in Tableau, Power BI or psql"

daily: .venv/build ## what a scheduler runs: all models and data tests; unit tests are for code that changed
	$(BIN)/dbt build --exclude-resource-type unit_test

bi: .venv/build ## after make build: serve the marts from a PostgreSQL of this machine, and say what to type into Tableau, Power BI and psql
	@$(BIN)/python -m plumbline.publishing.demo

check: lint .venv/dev ## lint and all tests but the longest: what CI runs
	$(BIN)/pytest $(SPREAD) -m 'not long'

test: .venv/dev ## the tests that fit ten minutes: all but those that build again and again
	$(BIN)/pytest $(SPREAD) -m 'not slow and not long'

test-long: .venv/dev ## the tests that CI leaves out; their results stand in docs/contributing/long-tests.md
	$(BIN)/pytest $(SPREAD) -m long --long-page docs/contributing/long-tests.md

lint: .venv/dev ## style and types
	$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	$(BIN)/mypy --no-error-summary
	folder="$$(mktemp -d)" && trap 'rm -rf "$$folder"' EXIT && PLUMBLINE_WAREHOUSE="$$folder/lint.duckdb" PLUMBLINE_LANDING=none $(BIN)/sqlfluff lint --disable-progress-bar models analyses tests/assertions

bench: .venv/build ## measure against bench/floor.sql; SCRATCH=folder for the data, outside the project
	@test -n "$(SCRATCH)" || { echo "make bench SCRATCH=/path/with/space [BENCH_ARGS='--decisions 1000000 --compare']"; exit 2; }
	$(BIN)/python bench/bench.py --scratch "$(SCRATCH)" --write $(BENCH_ARGS)

compare: .venv/build ## build this tree and BASE=revision, and compare every mart and report row by row
	@test -n "$(BASE)" || { echo "make compare BASE=main [COMPARE_ARGS='--scale tiny']"; exit 2; }
	$(BIN)/python bench/compare.py --base "$(BASE)" $(COMPARE_ARGS)

docs: .venv/dev ## write the pages made from YAML, from the sample and, of a demo that is built, docs/statistics.md
	$(BIN)/plumbline docs
	$(BIN)/python docs/sample_page.py
	$(BIN)/python docs/statistics_page.py

breaks: .venv/dev ## break marts in twelve ways and see that a truth test finds each
	$(BIN)/pytest -v tests/python/integration/test_breaks.py

attack: .venv/dev ## do what crashes, careless hands and attackers do, and count the kinds that survive
	$(BIN)/pytest -m attack --attack-summary

lock: ## resolve the lock files anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove what dbt and the tests left, not data/
	rm -rf target logs .pytest_cache .ruff_cache .mypy_cache
