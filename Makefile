# Everything one does with Fieldhook from a clone; `make` alone lists it.
SHELL := /bin/sh
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv/bin/python
PIP := $(VENV) -m pip --quiet --disable-pip-version-check
PYTEST := $(VENV) -m pytest
CODE := config webhooks_in automations webhooks_out
# The type checker loads the settings, which do not start without these two.
CHECK := SECRET_KEY=for-the-type-checker-which-keeps-no-secrets FIELD_KEYS=none
LOCK := compile --quiet --universal --generate-hashes --no-header --no-annotate pyproject.toml

.PHONY: help demo test lint bench format lock clean
.DELETE_ON_ERROR:

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: .venv/run.stamp ## run a complete hub with example data on http://127.0.0.1:8000/
	@exec $(VENV) manage.py demo

test: .venv/dev.stamp ## run every test on SQLite, and those with a database on a real PostgreSQL too
	$(PYTEST) --database=sqlite -m "not alone" -n 2
	$(PYTEST) --database=sqlite -m alone
	$(PYTEST) --database=postgres -m "not alone" -n 2
	$(PYTEST) --database=postgres -m alone

lint: .venv/dev.stamp ## check style, types, templates, architecture and documents
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(CHECK) $(VENV) -m mypy
	$(VENV) -m djlint --quiet --lint .
	$(VENV) -m djlint --quiet --check .
	$(PYTEST) tests/test_architecture.py tests/test_docs.py tests/test_tree.py

format: .venv/dev.stamp ## put code and templates into the house style
	$(VENV) -m ruff check --fix-only --exit-zero .
	$(VENV) -m ruff format .
	-$(VENV) -m djlint --quiet --reformat .

bench: .venv/dev.stamp ## measure throughput and latency on this machine
	$(VENV) -m tests.benchmarks

lock: .venv/dev.stamp ## pin the newest allowed version of every library, with hashes
	$(PIP) install uv
	.venv/bin/uv pip $(LOCK) --upgrade -o requirements.txt
	.venv/bin/uv pip $(LOCK) --upgrade --group dev -o requirements-dev.txt

clean: ## remove what these targets made, the demo's data included
	rm -rf .venv .demo .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find $(CODE) tests -name __pycache__ -prune -exec rm -rf {} +

.venv/run.stamp: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed." >&2; exit 1; }
	$(VENV) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
