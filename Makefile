# `make` lists the targets. Each does its own set-up (.ci/setup), which is redone only when
# requirements.lock, pyproject.toml or PYTHON has changed.

.DEFAULT_GOAL := help
.PHONY: help reproduce test browser check coverage format notebooks size studies bench leaderboard docs lock setup clean

MAKEFLAGS += --no-print-directory
RUN := .venv/bin/python -m
NOTEBOOKS = $(wildcard notebooks/*.ipynb)

export PYTHON

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  PYTHON=python3.12 make ... chooses the Python that .venv is made with."

reproduce: setup  ## the main job: data to verdicts, notebooks and the PDF report
	@$(RUN) analysis reproduce

test: setup  ## run every test, doctests too
	@$(RUN) pytest -n logical --dist loadfile

browser:  ## install what the tests of the evidence page need: Chromium and axe-core
	@.ci/browser

check: setup  ## what has to be green before a commit: format, lint, types, tests
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) pytest -q -n logical --dist loadfile

coverage: setup  ## run the tests and say which lines none of them reaches
	@$(RUN) pytest -q --cov

format: setup  ## put code and notebooks into the common form
	@$(RUN) ruff check --fix-only --quiet .
	@$(RUN) ruff format --quiet .
	@$(if $(NOTEBOOKS),$(RUN) nbconvert --log-level ERROR --clear-output --inplace $(NOTEBOOKS))

notebooks: setup  ## run every notebook and make a page of each in reports/notebooks
	@$(RUN) analysis.cli.notebooks

size: setup  ## simulate the stored tables of false-positive rates again (long)
	@OMP_NUM_THREADS=1 $(RUN) analysis.calibration.size_run

studies: setup  ## simulate whole studies in which nothing happens again (long)
	@OMP_NUM_THREADS=1 $(RUN) analysis.replication.null_studies

bench: setup  ## measure how long the main steps take, as ratios and on the clock
	@$(RUN) benchmarks.run
	@$(RUN) benchmarks.wide_panel
	@$(RUN) benchmarks.whole_run

leaderboard: setup  ## measure this project's tests against those in use today (long)
	@OMP_NUM_THREADS=1 $(RUN) benchmarks.leaderboard.run

docs: setup  ## build the documentation as a site in build/site; needs no network
	@$(RUN) mkdocs build --quiet --strict
	@echo "The site is build/site/index.html"

lock:  ## choose the versions of requirements.lock anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 2; }
	@uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --upgrade --all-extras --constraints .ci/held-back.txt \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements.lock pyproject.toml
	@echo "requirements.lock is new; bring environment.yml into line (tests/test_setup.py says where)."

setup:
	@.ci/setup

clean:  ## remove what can be made again: .venv, caches, derived data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .coverage htmlcov build dist *.egg-info
	@rm -rf .juncture-scratch data/derived reports/notebooks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
