# `make demo` and `make test` are all a newcomer needs; `make check` is what CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DB := demo-db
OUT ?= corpus-json

.PHONY: demo test check lint types slow gate corpus-check corpus-json docs clean

$(VENV)/.installed: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[dev,pdf,warc,figures]"
	@touch $@

demo: $(VENV)/.installed
	@rm -rf $(DB)
	@echo "\n$$ ipgraph ingest corpus/articles"
	@$(BIN)/ipgraph ingest --db $(DB) --format table corpus/articles
	@echo "\n$$ ipgraph query attended event=\"Tenth Lanqiao Trademark and Brand Fair\""
	@$(BIN)/ipgraph query --db $(DB) --format table attended event="Tenth Lanqiao Trademark and Brand Fair"
	@echo "\n$$ ipgraph query attendance-of name=\"Tan Yuefen\""
	@$(BIN)/ipgraph query --db $(DB) --format table attendance-of name="Tan Yuefen"
	@echo "\n$$ ipgraph why \"Tan Yuefen\" LIPB"
	@$(BIN)/ipgraph why --db $(DB) --format table "Tan Yuefen" LIPB
	@echo "The graph is in $(DB)/. Next: $(BIN)/ipgraph --help, README.md, docs/"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow"

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

gate: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.evaluation --check

corpus-check: $(VENV)/.installed-dev
	$(BIN)/python -m ipgraph.corpus validate corpus/annotated/*/*.txt

corpus-json: $(VENV)/.installed-dev
	$(BIN)/python -m ipgraph.corpus json --out $(OUT)

check: lint types test corpus-check gate slow

clean:
	rm -rf $(DB) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
