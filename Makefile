# make serve   set everything up, build the index if there is none, serve and print the address
# make test    set everything up and run every test
# make check   format, lint, types, import direction, corpus
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: serve test check format .venv index calibrate bench bench-scale bench-workers docs clean

$(STAMP): pyproject.toml constraints.txt deploy/build_model.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Careleaf and its tools (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

.venv: $(STAMP)

index: $(STAMP)
	@$(BIN)/careleaf index

serve: index
	@$(BIN)/careleaf serve

test: $(STAMP)
	@$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/careleaf corpus check

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

calibrate: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.calibrate

bench: index
	@$(BIN)/python -m tests.benchmarks.speed

bench-scale: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.scale

bench-workers: index
	@$(BIN)/python -m tests.benchmarks.workers

docs: index
	@$(BIN)/python -m tests.documentation --write

clean:
	rm -rf var .pytest_cache .mypy_cache .ruff_cache
