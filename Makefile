# make serve   set everything up, build the index if there is none, serve and print the address
# make test    set everything up and run every test
# make check   format, lint, types, import direction, corpus
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: serve test check format .venv index calibrate second-opinion bench bench-http bench-matchers schemathesis \
	safety-report safety-case docs pictures clean

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

second-opinion: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.second_opinion

bench: index
	@$(BIN)/python -m tests.benchmarks.speed

bench-http: index
	@$(BIN)/python -m tests.benchmarks.http

schemathesis: index
	@$(BIN)/python -m tests.fuzz_api
# How well flags are recognised on the test half: writes docs/safety/recognition.md (about a minute)
safety-report: index
	@$(BIN)/python -m tests.safety.report

# Writes docs/safety/hazard-log.md from docs/safety/hazards.yaml
safety-case: $(STAMP)
	@$(BIN)/python -m tests.safety.hazards

# Compares libraries for matching on the development half: writes the table of docs/safety/matching.md
bench-matchers: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,matchers]'
	@$(BIN)/python -m tests.benchmarks.matchers

docs: index
	@$(BIN)/python -m tests.api_examples
	@$(BIN)/python -m tests.documentation --write

# The page in ten states and two schemes, for docs/pictures. Look at them before they are recorded.
pictures: index
	@$(BIN)/python -m tests.pictures

clean:
	rm -rf var .pytest_cache .mypy_cache .ruff_cache
