# Everything that one does with urunbeli. A machine needs only Python >= 3.11 (with venv) and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= 2

.PHONY: help run demo test bench lighthouse faults lint types walls format verify clean

help:
	@echo 'make run     start everything on one port, with demo data    (DATA_DIR=…, HTTP_PORT=…)'
	@echo 'make run LAN=1    the same, and phones in the room can open it by a QR code'
	@echo 'make demo    play the whole main job against what runs        (URL=http://localhost:8080)'
	@echo 'make test    run every test                                   (ARGS="tests/pools -k closing")'
	@echo 'make lint types walls    the checks before the tests'
	@echo 'make verify  recompute every total from its rows'
	@echo 'make bench   every figure of speed beside its baseline        (ONLY="hot_pool reads")'
	@echo 'make lighthouse    scores of the most read pages, behind the front door    (ONLY="home pool")'
	@echo 'make faults  kill, cut and delay everything, many seeds       (SEEDS=50 SCENARIO=… SEED=…)'

$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'urunbeli needs Python 3.11 or newer'; exit 1; }
	@echo 'Installing into $(VENV) …'
	@$(PYTHON) -m venv $(VENV) || { echo 'The venv module is missing (Debian: apt install python3-venv)'; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

run: export ENVIRONMENT ?= development
run: export FIRST_OFFICER ?= Ibu Ratna Dewayani <+628110000001>
run: export POOL_MIN_OPEN_S ?= 1
run: export CODE_LIMIT_FACTOR ?= 100
run: export LOG_FORMAT ?= console
run: export LOG_LEVEL ?= warning
run: $(READY)
	@exec $(BIN)/python -m services run

demo: $(READY)
	@$(BIN)/python -m services demo $(if $(URL),--url $(URL))

test: $(READY)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

bench: $(READY)
	@$(BIN)/python -m tests.benchmarks $(ONLY)

lighthouse: $(READY)
	@$(BIN)/python -m tests.browser.lighthouse $(ONLY)

faults: $(READY)
	@$(BIN)/python -m tests.faults $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(SEED),--seed $(SEED))

lint: $(READY)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy

walls: $(READY)
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

verify: export ENVIRONMENT ?= development
verify: $(READY)
	@$(BIN)/python -m services verify

clean:
	rm -rf $(VENV) .data build .mypy_cache .ruff_cache .pytest_cache .hypothesis
