# Two commands on a fresh machine: `make demo` and `make test`. Each sets up all it needs
# from python3 (3.11 or newer) and this file alone. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Clients have an environment of their own: awswrangler wants an older pyarrow than lakebench.
CLIENTS := .venv-clients
DBT := .venv-dbt
AUDIT := .venv-audit
ARGS ?=
# Processes that run the tests; each of them starts servers. JOBS=0 runs in one, to see output or use --pdb.
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-clients check audit wheel sbom image bench lock clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "lakebench needs Python 3.11 or newer; PYTHON=... make picks another one" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(VENV)/.runtime ## make .venv with the lakebench command in it
	@echo "ready: $(BIN)/lakebench --help"

demo: $(VENV)/.runtime ## play the main job: CSV, crawler, CTAS to Parquet, bytes and cost before and after
	@$(BIN)/lakebench demo $(ARGS)

# Tests run in a network that ends at the loopback, where Linux lets us make one; one attempt to leave fails them.
OFFLINE := $(BIN)/python tests/offline/run.py

test: $(VENV)/.dev ## run the tests, which may not leave this machine; ARGS="tests/sql -x", JOBS=4
	@$(OFFLINE) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

$(CLIENTS)/.installed: requirements/clients.lock | $(BIN)/python
	$(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/clients.lock
	@touch $@

# pip's own resolver takes no extra of a pinned package; the lock is whole without it.
$(DBT)/.installed: requirements/dbt.lock | $(BIN)/python
	$(PYTHON) -m venv $(DBT)
	$(DBT)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dbt.lock
	@touch $@

test-clients: $(VENV)/.runtime $(CLIENTS)/.installed $(DBT)/.installed ## run PyAthena, awswrangler, SQLAlchemy, ibis, pandas, dbt and the aws command against a server
	@$(OFFLINE) $(CLIENTS)/bin/python -m pytest -c tests/contract/clients/pytest.ini tests/contract/clients --ignore tests/contract/clients/dbt $(ARGS)
	@$(OFFLINE) $(DBT)/bin/python -m pytest -c tests/contract/clients/pytest.ini tests/contract/clients/dbt $(ARGS)

check: $(VENV)/.dev ## lint, formatting, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

abuse-long: $(VENV)/.dev ## hostile SQL, data and requests at length
	@LAKEBENCH_LONG=1 $(BIN)/python -m pytest tests/abuse -s $(ARGS)

crash-long: $(VENV)/.dev ## kill the server 1,000 times at random calls of its disk; CRASHES=100 make crash-long for fewer
	@LAKEBENCH_CRASHES=$(or $(CRASHES),1000) $(BIN)/python -m pytest tests/crash -s $(ARGS)

soak: $(VENV)/.dev ## 32 clients for ten minutes: workers killed, a full disk, a set clock; SECONDS=60 make soak for less
	@LAKEBENCH_SOAK_SECONDS=$(or $(SECONDS),600) LAKEBENCH_SOAK_CLIENTS=$(or $(SOAK_CLIENTS),32) $(BIN)/python -m pytest tests/abuse/test_load.py -s $(ARGS)

$(AUDIT)/.installed: requirements/audit.lock | $(BIN)/python
	$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.lock || { echo "make audit needs the network once, to install pip-audit" >&2; exit 2; }
	@touch $@

# With --strict pip-audit writes its report only when it got an answer on every pin: a pin that the service does
# not tell of (behind a mirror, say) was not checked, which is no success.
audit: $(AUDIT)/.installed ## look up known vulnerabilities of what the lock file pins (needs the network)
	@rm -f $(AUDIT)/report.json
	@$(AUDIT)/bin/pip-audit --progress-spinner off --timeout 15 --strict --require-hashes --disable-pip --requirement requirements/runtime.lock --format json --output $(AUDIT)/report.json 2>$(AUDIT)/messages; found=$$?; \
	if [ ! -s $(AUDIT)/report.json ]; then tail -n 3 $(AUDIT)/messages >&2; echo "make audit got no answer from the vulnerability service on every pin (no network, or a mirror in between?): this is no pass" >&2; exit 2; fi; \
	if [ $$found -ne 0 ]; then cat $(AUDIT)/report.json; cat $(AUDIT)/messages >&2; exit 1; fi; echo "no known vulnerability in requirements/runtime.lock"

# The commit's time stands for every file's, so that one commit makes one wheel.
wheel: $(VENV)/.dev sbom ## build dist/*.whl, the same bytes each time, with its bill of materials
	@SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python -m hatchling build -t wheel -d dist

sbom: $(VENV)/.runtime ## write dist/sbom.json (CycloneDX) from the lock file
	@mkdir -p dist
	@$(BIN)/python requirements/sbom.py requirements/runtime.lock dist/sbom.json

image: ## build the container image lakebench and play the demo in it (needs docker compose)
	docker compose build lakebench
	docker compose run --rm demo
	docker compose down

bench: $(VENV)/.dev ## print the figures: latency, start-up, memory, overheads
	@$(BIN)/python -m pytest benchmarks -c benchmarks/pytest.ini $(ARGS)

lock: ## compile the lock files anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra datagen --extra report requirements/build.in pyproject.toml -o requirements/runtime.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra datagen --extra report --group dev requirements/build.in pyproject.toml -o requirements/dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/clients.in -o requirements/clients.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/dbt.in -o requirements/dbt.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/audit.in -o requirements/audit.lock

clean: ## remove the environment and caches
	rm -rf $(VENV) $(CLIENTS) $(DBT) $(AUDIT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
