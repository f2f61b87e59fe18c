# Trasos: `make demo` shows all of it, `make test` proves it. `make help` lists the rest.

PYTHON ?= python3
# The shop to run on: shop (simulated) or thelook (real input, in $TRASOS_DATA/thelook).
SOURCE ?= shop
export TRASOS_DATA ?= ../shared/data
export TRASOS_HOME ?= $(CURDIR)
export TRASOS_SOURCE := $(SOURCE)
# implicit is slower when BLAS opens threads of its own.
PORT ?= 3000
export OPENBLAS_NUM_THREADS := 1
# Python keeps its compiled modules: dbt and Dagster then start in half the time.
export PYTHONDONTWRITEBYTECODE :=
# dbt and dbt-charts send nothing home.
export DO_NOT_TRACK := 1

BIN := .venv/bin
DBT := $(BIN)/dbt
ifneq ($(SOURCE),shop)
VARS := --vars '{event_sources: [$(SOURCE)], table_sources: [$(SOURCE)]}'
endif

.DEFAULT_GOAL := help
# The steps of the demo build upon one another.
.NOTPARALLEL:
.PHONY: help demo install install-spark install-dev inbox land build publish report ui dashboard bench bench-full parity spark-cluster test test-all lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: install inbox land build publish report ## install, make a shop's events, build everything, show the result

install: .venv/.installed ## the environment, from the lock file

install-spark: .venv/.installed-spark ## the environment with Spark, for data beyond one machine

install-dev: .venv/.installed-dev ## the environment with what tests and lint want

# uv installs in seconds what takes pip minutes; pip takes the same hash-pinned file where uv cannot be had.
define install_from
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is wanted: name one, as in 'make PYTHON=python3.12 $@'."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock || true
	@echo "Installing $(1) into .venv"
	@if test -x $(BIN)/uv; then \
		$(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes -r $(1); \
	else \
		$(BIN)/python -m pip install --disable-pip-version-check --no-deps --require-hashes -r $(1); \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
endef

.venv/.installed: requirements.lock requirements-uv.lock pyproject.toml
	$(call install_from,requirements.lock)
	@touch $@

.venv/.installed-dev: requirements-dev.lock requirements-uv.lock pyproject.toml
	$(call install_from,requirements-dev.lock)
	@touch .venv/.installed .venv/.installed-spark $@

.venv/.installed-spark: requirements-spark.lock requirements-uv.lock pyproject.toml
	$(call install_from,requirements-spark.lock)
	@touch .venv/.installed $@

inbox: install
ifeq ($(SOURCE),shop)
	@$(BIN)/trasos simulate
endif

land: install ## take new files of the inbox into landing/
ifeq ($(SOURCE),shop)
	@$(BIN)/trasos land --source shop
else
	@if [ -d "$(TRASOS_HOME)/inbox/$(SOURCE)" ]; then $(BIN)/trasos land --source $(SOURCE); \
	else $(BIN)/trasos land --source $(SOURCE) --inbox "$(TRASOS_DATA)/$(SOURCE)"; fi
endif

# A warehouse that was built for another shop is built anew: its incremental tables hold the other's rows.
build: install ## one dbt build: tables, tests, recommender
	@mkdir -p "$(TRASOS_HOME)/warehouse"
	@if [ -f "$(TRASOS_HOME)/warehouse/.source" ] && [ "$$(cat "$(TRASOS_HOME)/warehouse/.source")" != "$(SOURCE)" ]; then full=--full-refresh; fi; \
	$(DBT) build --exclude-resource-types unit_test $(VARS) $$full
	@echo "$(SOURCE)" > "$(TRASOS_HOME)/warehouse/.source"

publish: install ## the atomic read-only copy for BI
	@$(BIN)/trasos publish

report: install
	@$(BIN)/trasos report

ui: install ## Dagster: lineage, checks, runs, schedules
	@mkdir -p "$(TRASOS_HOME)/.dagster"
	@cp orchestration/dagster.yaml "$(TRASOS_HOME)/.dagster/"
	@echo "Dagster will answer at http://127.0.0.1:$(PORT) in about half a minute; Ctrl-C ends it."
	@DAGSTER_HOME="$(TRASOS_HOME)/.dagster" $(BIN)/dagster dev -f orchestration/definitions.py -h 127.0.0.1 -p $(PORT)

dashboard: install ## render dashboards/ to HTML and PNG
	@$(BIN)/trasos dashboard

# The ports that profiles.yml takes where nothing else is said.
parity: install-spark ## build a shop on DuckDB and on Spark in four loads, and compare every table
	@$(BIN)/python -m trasos.engines.parity --home build/parity

spark-cluster: install-spark ## a small Spark cluster to try, for an hour: docs/scale.md
	@$(BIN)/python -m trasos.engines.cluster --thrift-port 10000 --connect-port 15002

# Polars, the rival, is no part of the lock: nothing but this wants it.
.venv/.installed-bench: .venv/.installed pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'polars>=2.1'
	@touch $@

bench: .venv/.installed-bench ## measure 1 million events: docs/performance.md
	$(BIN)/python -m bench.events --sizes 1m

bench-full: .venv/.installed-bench ## measure 10 million events and histories of 60 and 240 days: hours
	$(BIN)/python -m bench.events --sizes 10m --parts full rivals increments nothing --histories 60 240

# Most of a test's time is one process starting up: two run at a time, and take
# files in the order of tests/conftest.py.
TWO_AT_A_TIME := -n 2 --dist loadfile --no-loadscope-reorder

# Lint takes minutes of one core, so tests run beside it; it is shown when they are done.
define test_and_lint
	@mkdir -p build
	@$(MAKE) --no-print-directory lint > build/lint.log 2>&1 & lint=$$!; \
	$(BIN)/pytest $(TWO_AT_A_TIME) $(1); tests=$$?; \
	wait $$lint; style=$$?; cat build/lint.log; exit $$((tests + style > 0))
endef

test: install-dev ## lint, types and tests: what CI runs
	$(call test_and_lint,-m "not slow")

test-all: install-dev ## with the long ones
	$(call test_and_lint,)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar models tests/dbt

format: install-dev ## put code into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The dev lock is solved first and constrains the other: users install what was tested.
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet
lock: install ## solve the versions anew
	$(LOCK) pyproject.toml --extra dev -o requirements-dev.lock
	$(LOCK) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(LOCK) pyproject.toml --extra spark -c requirements-dev.lock -o requirements-spark.lock
	echo "uv" | $(LOCK) - -o requirements-uv.lock

clean: ## remove what was made, but for the environment
	rm -rf inbox landing truth warehouse published artefacts build exported target logs .dagster
