# What a newcomer needs: `make demo`, `make test`. Both create .venv themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
OUT    ?= demo-out

.DEFAULT_GOAL := help
.PHONY: help demo test test-all crash fuzz check format schemas bench clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The lock is the only source of versions. uv comes from the package index, into the environment itself.
$(VENV)/.ready: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(BIN)/python -m pip install --quiet "uv>=0.13.9"
	@$(UV) sync --quiet --frozen --python $(BIN)/python
	@touch $@

demo: $(VENV)/.ready ## run the main job on the invented samples (OUT=demo-out)
	@$(BIN)/dui-bridge demo --out $(OUT)

test: $(VENV)/.ready ## the tests that need no other program (under 8 minutes)
	@$(BIN)/pytest -n auto -m "not real"

test-all: $(VENV)/.ready ## the tests that need other programs (.ci/run installs them), or longer
	@$(BIN)/pytest -n auto -m real

crash: $(VENV)/.ready ## kill a run at 200 random instants on each database (PostgreSQL is needed)
	@DUI_BRIDGE_CRASHES=200 $(BIN)/pytest -n auto tests/crash

fuzz: $(VENV)/.ready ## give 20,000 hostile inputs to each reader of what comes from outside
	@DUI_BRIDGE_FUZZ=20000 $(BIN)/pytest -n auto tests/fuzz

check: $(VENV)/.ready ## format, lint, types, rooms, freshness of what is generated
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python docs/generate.py --check

schemas: $(VENV)/.ready ## rewrite the JSON Schemas and the reference pages from the code
	@$(BIN)/python docs/generate.py

bench: $(VENV)/.ready ## medians and ratios to floors measured in the same run
	@$(BIN)/python tests/benchmarks/bench.py --out bench-out

format: $(VENV)/.ready ## rewrite the code in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## remove what the commands made
	rm -rf $(VENV) demo-out bench-out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
