# Commands of Wenfeng. `make help` lists them.
PYTHON ?= python3
CAPTURES ?=
ELASTIC ?=
DATA ?=
TESTS ?=
FUZZ ?= 20000
KIBANA ?= http://127.0.0.1:5601
ONLY ?=
QUICK ?=
UPGRADE ?=
RATE ?=
MINUTES ?=
ENGINES ?=
VAR ?=
AT ?=
SEED ?=
ALL ?=
# What a target of this file makes again; everything else of var/ may be somebody's data.
MADE_ANEW := bench captures demo evaluate live lock soak
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m
LOCK := var/lock/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo console run engines engines-stop kibana test lint bench soak captures live faults faults-long faults-crawl fuzz secrets evidence-key check-config lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/.demo var/voice.key ## make .venv, install what the stages and the demo need, make the voice key

demo: setup ## the whole pipeline offline: forum, rumour, alarm, letters; leaves var/demo/
	$(RUN) scripts.demo

console: setup ## the console on what make demo left, with logins that are printed (AT=first-letter for the story's beginning)
	@$(RUN) scripts.demo.console $(if $(VAR),--var $(VAR)) $(if $(AT),--at $(AT))

run: check-config ## start every stage on this machine, restarting what dies; Ctrl-C stops them
	$(RUN) stream topics apply
	$(RUN) stream state migrate
	@WENFENG_LOGS=$$(test -t 2 && echo words || echo json) exec $(BIN)/supervisord -n -u $$(id -u) -c configs/supervisord.conf

engines: $(VENV)/.demo ## fetch and start a real Kafka, Elasticsearch, PostgreSQL and Dovecot for the tests (var/engines; ELASTIC=8.14.3 or 9.5.3 for another)
	$(RUN) scripts.engines start $(if $(ELASTIC),--elastic $(ELASTIC))

engines-stop: ## end them
	@test ! -d var/engines || $(RUN) scripts.engines stop

kibana: setup ## import the dashboards (KIBANA=https://host:5601, /s/SPACE for a space; the login in WENFENG_KIBANA_API_KEY, or _USER and _PASSWORD)
	@$(RUN) scripts.kibana import $(KIBANA)

test: $(VENV)/.test var/voice.key ## install the rest (torch included) and run the whole suite (or TESTS=tests/nlp)
	$(RUN) pytest $(TESTS)

lint: $(VENV)/.test ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: $(VENV)/.test ## measure everything beside its peers (DATA=files of posts, JSONL with `text`, and a folder of series; QUICK=1, ONLY=detection; figures in var/bench)
	$(RUN) scripts.bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(DATA)

soak: $(VENV)/.test ## run every stage under a steady stream of posts and judge it (RATE=300 MINUTES=60 ENGINES=real|embedded)
	$(RUN) scripts.soak $(if $(RATE),--rate $(RATE)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ENGINES),--engines $(ENGINES))

captures: $(VENV)/.demo ## crawl recorded forums and score the result (CAPTURES=folder of the recordings)
	$(RUN) scripts.captures $(CAPTURES)

live: $(VENV)/.demo ## set up Debian's WordPress and npm's NodeBB on the loopback, fill, change and crawl them (ONLY=nodebb; skips what is not installed)
	$(RUN) scripts.live $(if $(ONLY),--only $(ONLY))

faults: $(VENV)/.test ## kill every stage at every named place, drain, judge what is left (ENGINES=real after make engines)
	$(RUN) tests.faults --engines $(or $(ENGINES),embedded)

faults-long: $(VENV)/.test ## the same at least 300 times (FAULTS=300), and the slowest rows of docs/faults.md
	$(RUN) tests.faults --engines $(or $(ENGINES),embedded) --faults $(or $(FAULTS),300)
	$(RUN) pytest -q -m long tests/faults

faults-crawl: $(VENV)/.test ## kill one crawl sixty times while its forum changes, then judge the log and every request (SEED=, CAPTURES=)
	$(RUN) tests.faults.crawling $(if $(SEED),--seed $(SEED)) $(if $(CAPTURES),--captures $(CAPTURES))

fuzz: $(VENV)/.test ## put hostile inputs to codec, configuration, pages, letters and queries (FUZZ=how many; 1000000 for a night)
	$(RUN) tests.fuzz.run --total $(FUZZ)

secrets: $(VENV)/.demo ## make certificates and passwords for compose.yaml (var/secrets), once
	$(RUN) scripts.keys

evidence-key: var/evidence.key ## make the key that seals pages which cases secure (evidence_key_file of alerts.yml)

check-config: setup ## read every file in configs/ and list all mistakes
	@bad=0; for part in stream crawlers nlp alerts; do $(RUN) $$part check-config || bad=78; done; exit $$bad

lock: $(BIN)/python ## write requirements/*.txt anew from pyproject.toml, with hashes; versions stay, but for UPGRADE=1
	test -x var/lock/bin/uv || { $(PYTHON) -m venv var/lock && var/lock/bin/pip install --quiet 'uv>=0.8'; }
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra demo --extra train --group test -o requirements/test.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra demo -c requirements/test.txt -o requirements/demo.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements/demo.txt -o requirements/run.txt

clean: ## remove .venv, caches and what demo and measurements left (ALL=1: var/ whole, with state, log, index, letters and keys, which nothing brings back)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis $(addprefix var/,$(MADE_ANEW))
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
ifeq ($(ALL),1)
	rm -rf var
else
	@test ! -e var || echo 'var/ stays, with the data and keys of this installation: make clean ALL=1 removes them'
endif

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 …'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: requirements/demo.txt | $(BIN)/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.demo
	$(BIN)/pip install --quiet --require-hashes -r requirements/test.txt
	@touch $@

var/voice.key var/evidence.key:
	@mkdir -p var && umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > $@
