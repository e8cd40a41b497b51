# Clawfleet. Bare `make` lists what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PARALLEL := -n auto --maxprocesses 4 --no-loadscope-reorder
SOURCES := service tests deploy benchmarks docs

.DEFAULT_GOAL := help
.PHONY: help setup run test test-full lint format lock bench sandbox-image wheelhouse fleet-up fleet-down \
  deploy fleet-check plan drift status rollback restart stop start logs tunnel backup restore uninstall \
  lock-status lock-release docs clean

help: ## This list
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-26s %s\n", $$1, $$2}'

setup: $(VENV)/dev.ok ## Create .venv with everything for development, from the hash-pinned lock

run: $(VENV)/run.ok ## Start a gateway in the foreground; no key and no config needed
	@$(BIN)/openclaw gateway run --allow-unconfigured

test: $(VENV)/dev.ok ## Run the tests; those that need Docker or a browser say what is missing
	@$(BIN)/python -m pytest -m "not full" $(PARALLEL)

test-full: $(VENV)/dev.ok ## Run the tests and the large ones too
	@$(BIN)/python -m pytest -m "not full" $(PARALLEL)
	@$(BIN)/python -m pytest -m full

lint: $(VENV)/dev.ok ## Check format, style, types and the structure of the house
	@$(BIN)/ruff format --check --quiet $(wildcard $(SOURCES)) || { echo "mend with: make format"; exit 1; }
	@$(BIN)/ruff check --quiet $(wildcard $(SOURCES))
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/structure

format: $(VENV)/dev.ok ## Format the code and sort its imports
	@$(BIN)/ruff check --quiet --fix-only --select I $(wildcard $(SOURCES))
	@$(BIN)/ruff format --quiet $(wildcard $(SOURCES))

lock: ## Renew requirements*.lock from pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	  -c constraints.txt --group build --extra sandbox --extra telegram pyproject.toml -o requirements.lock
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	  -c constraints.txt --group build --group dev --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock

bench: $(VENV)/dev.ok ## Measure start, memory and overhead on this machine
	@$(BIN)/python -m benchmarks

sandbox-image: ## Build openclaw-sandbox:bookworm-slim, where the tools of sandboxed agents run
	@sandbox-image/build.sh

wheelhouse: $(VENV)/run.ok ## Collect the wheels that hosts install from, so that they need no package index
	@PYTHON=$(BIN)/python PLATFORM='$(PLATFORM)' PY='$(PY)' deploy/wheelhouse.sh

fleet-up: ## Start two container hosts for the example fleet
	@deploy/docker/hosts/up.sh

fleet-down: ## Remove the example hosts
	@deploy/docker/hosts/down.sh

deploy: $(VENV)/dev.ok wheelhouse ## Deploy the fleet of deploy/pyinfra/fleet.json5, or the example one to two containers
	@BIN=$(CURDIR)/$(BIN) deploy/deploy.sh $(FLEET_FLAGS)

# FLEET=file, LIMIT="host host/gateway", JSON=1 and more below: the flags of `openclaw fleet`. Its exit codes get lost here:
# make ends with 2 whenever a command fails.
FLEET_FLAGS = $(if $(FLEET),--fleet $(FLEET)) $(foreach one,$(LIMIT),--limit $(one)) $(if $(JSON),--json)
FLEET_VERB = @$(BIN)/openclaw fleet $(patsubst fleet-%,%,$@) $(FLEET_FLAGS)

fleet-check: $(VENV)/dev.ok ## Say what is wrong with the fleet file; FLEET=, LIMIT=, JSON=1 here and below
	$(FLEET_VERB)

plan drift: $(VENV)/dev.ok wheelhouse ## Show what a deploy would change; drift fails when anything differs
	$(FLEET_VERB)

status restart stop start: $(VENV)/dev.ok ## Look at all gateways, restart, stop, start them
	$(FLEET_VERB)

logs: $(VENV)/dev.ok ## Show the log of one gateway: LIMIT=host/gateway, FOLLOW=1, LINES=
	$(FLEET_VERB) $(if $(FOLLOW),--follow) $(if $(LINES),--lines $(LINES))

tunnel: $(VENV)/dev.ok ## Open the port of one gateway on this machine: LIMIT=host/gateway, PORT=
	$(FLEET_VERB) $(if $(PORT),--port $(PORT))

backup: $(VENV)/dev.ok ## Keep the state of all gateways on their hosts; PULL=dir brings it here too
	$(FLEET_VERB) $(if $(PULL),--pull $(PULL))

restore: $(VENV)/dev.ok ## Put ARCHIVE= into one gateway: LIMIT=host/gateway
	$(FLEET_VERB) $(if $(ARCHIVE),$(ARCHIVE))

uninstall: $(VENV)/dev.ok ## Remove gateways; PURGE=1 takes their state too, YES=1 asks nobody
	$(FLEET_VERB) $(if $(PURGE),--purge) $(if $(YES),--yes)

lock-status: $(VENV)/dev.ok ## Say who deploys
	@$(BIN)/openclaw fleet lock $(FLEET_FLAGS)

lock-release: $(VENV)/dev.ok ## Release a lock that was left behind
	@$(BIN)/openclaw fleet lock --release $(FLEET_FLAGS)

rollback: $(VENV)/dev.ok ## Take gateways back to the release before, or to TO=release; RESTORE_STATE=1
	$(FLEET_VERB) $(if $(TO),--to $(TO)) $(if $(RESTORE_STATE),--restore-state)

docs: $(VENV)/dev.ok ## Write the reference pages anew from the code
	@$(BIN)/python -m docs.reference

clean: ## Remove the environment, wheels and caches; a gateway's state stays
	@rm -rf $(VENV) wheelhouse dist build .mypy_cache .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.ok: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the gateway needs into $(VENV) (once)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.ok: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what development needs into $(VENV) (once)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run.ok
