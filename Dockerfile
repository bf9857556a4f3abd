# Two stages: everything is built in the first; the second holds Python, the environment and the index, and nothing else.
# `make image` builds it, or, where no container can be built, runs each step in a clean root (tests/image_steps.py).
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /careleaf && python -m venv /builder
COPY deploy/requirements.txt deploy/build-requirements.txt deploy/
RUN /careleaf/bin/pip install --quiet --require-hashes --only-binary :all: --no-deps --requirement deploy/requirements.txt
RUN /builder/bin/pip install --quiet --require-hashes --only-binary :all: --no-deps --requirement deploy/build-requirements.txt
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY deploy/build_model.py deploy/encoder_tuning.npz deploy/
COPY bot bot
COPY corpus corpus
COPY templates templates
RUN /builder/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /dist .
RUN /careleaf/bin/pip install --quiet --no-deps --no-index /dist/*.whl
RUN CARELEAF_INDEX_DIR=/careleaf/index /careleaf/bin/careleaf index

FROM ${PYTHON}
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin careleaf
COPY --from=build /careleaf /careleaf
# Nothing is written but to /tmp, which compose.yaml and the Kubernetes manifests keep in memory.
ENV CARELEAF_INDEX_DIR=/careleaf/index CARELEAF_HOST=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
WORKDIR /careleaf
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s CMD ["/careleaf/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
ENTRYPOINT ["/careleaf/bin/careleaf"]
CMD ["serve"]
