# Truelift: what a user and a contributor type. `make help` lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
WORKERS ?= auto
# A file is run by one worker, the files in the order of tests/conftest.py.
SHARED = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
ORACLES := ../shared/oracles/statistics.json
CODE := api experiments stats sample_data migrations tests bench wsgi.py

.DEFAULT_GOAL := help
.PHONY: help setup clients run test test-slow test-release test-spark run-spark test-scenarios test-faults check coverage mutation acceptance calibrate replay ci lock bench bench-assignment bench-stats bench-events bench-report bench-tracking clean

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

.venv/.runtime: requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

.venv/.clients/.ready: requirements-clients.lock .venv/.runtime
	$(PYTHON) -m venv .venv/.clients
	.venv/.clients/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-clients.lock
	touch $@

# Spark's packages, and beside them those of the service.
.venv/.spark/.ready: requirements-spark.lock .venv/.dev
	$(PYTHON) -m venv .venv/.spark
	.venv/.spark/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	.venv/.spark/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > $@
	$(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > "$$(cat $@)/service.pth"

setup: .venv/.dev .venv/.clients/.ready  ## Make the virtual environment with everything, tests included

clients: tests/clients/node_modules/.truelift  ## Install the clients from npm that tests ask (needs Node)

tests/clients/node_modules/.truelift: tests/clients/package.json
	cd tests/clients && npm install --no-package-lock --no-audit --no-fund
	touch $@

run: .venv/.runtime  ## Start the service on this machine, with the sample tests
	@$(BIN)/python -m api.cli serve --sample

test: .venv/.dev  ## Run the tests; what is skipped is said, with the reason
	$(BIN)/python -m pytest $(SHARED)

test-slow: .venv/.dev  ## Run the simulations and fault tests that take minutes
	$(BIN)/python -m pytest $(SHARED) -m slow

test-release: .venv/.dev  ## Run the longest fault tests, before a release
	$(BIN)/python -m pytest -m release

test-scenarios: .venv/.dev  ## Load the samples at full size over HTTP and hold every number against its truth (minutes)
	$(BIN)/python -m pytest -m scenarios tests/scenarios

test-faults: .venv/.dev  ## Kill the server 300 times on each database while events arrive (half an hour)
	REQUIRE_POSTGRES=1 $(BIN)/python -m pytest -m release -s tests/journeys/test_kills.py

test-spark:  ## Measure on a real Spark on this machine, beside DuckDB (needs Java 17 or later)
	@if [ -z "$$JAVA_HOME" ] && ! command -v java > /dev/null; then \
		echo "SKIPPED Spark: no Java is here; install a JRE of version 17 or later"; \
	elif ! $(MAKE) --no-print-directory .venv/.spark/.ready; then \
		echo "SKIPPED Spark: pyspark could not be installed, see above"; test -z "$$REQUIRE_SPARK"; \
	else $(MAKE) --no-print-directory run-spark; fi

run-spark: .venv/.spark/.ready
	.venv/.spark/bin/python -m pytest -m "spark and not release" -p no:cacheprovider tests/experiments/measurement/engines

check: .venv/.dev  ## Format, lint, types, structure and docs
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_docs.py

coverage: .venv/.dev  ## Measure the branch coverage of stats/; below 98 % fails (minutes)
	$(BIN)/python -m pytest tests/stats stats -q -n $(WORKERS) --cov=stats --cov-branch \
		--cov-report=term-missing:skip-covered --cov-fail-under=98

MUTATED := $(addprefix stats/,samples/binomial.py samples/mean.py samples/ratio.py \
	samples/covariate.py lift.py fieller.py score.py proportions.py proportion_batch.py means.py \
	effects.py sample_ratio.py guardrails.py targets.py edges.py checks.py dunnett.py \
	multiplicity.py sequential/bounds.py sequential/spending.py \
	sequential/confidence_sequence.py sequential/recursion.py sequential/repeated.py exact.py)

mutation: .venv/.dev  ## Break each formula of stats/ once and see whether a test notices (hours)
	$(BIN)/python -m bench.mutation $(MUTATED)

acceptance: .venv/.dev  ## Reproduce published values and experiments, those of customers over HTTP
	@test -f $(ORACLES) || echo "SKIPPED oracles: $(ORACLES) is not there"
	test ! -f $(ORACLES) || $(BIN)/python -m tests.oracles $(ORACLES)
	$(BIN)/python -m tests.acceptance ../shared/data/hillstrom
	$(BIN)/python -m tests.acceptance ../shared/data/cookie_cats
	$(BIN)/python -m tests.acceptance ../shared/data/ab_landing_partial
	$(BIN)/python -m tests.acceptance ../shared/data/asos
	$(BIN)/python -m tests.acceptance ../shared/data/upworthy

calibrate: .venv/.dev  ## Measure coverage, error rates and power of the statistics (minutes)
	$(BIN)/python -m tests.calibration

replay: .venv/.dev  ## Judge the send-time test and its twin without effect night by night, 2000 times each (minutes)
	$(BIN)/python -m tests.replay

ci: check test test-slow test-spark acceptance  ## What the continuous integration runs

lock: .venv/.dev  ## Pin and hash the dependencies again (needs uv)
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --python-version 3.11 requirements.in -o requirements.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --python-version 3.11 requirements-dev.in -o requirements-dev.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --python-version 3.11 requirements-clients.in -o requirements-clients.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-annotate --python-version 3.11 requirements-spark.in -o requirements-spark.lock

bench: bench-assignment bench-stats  ## Time assignment, statistics and measurement
	$(BIN)/python -m bench.assignment
	$(BIN)/python -m bench.measurement

bench-assignment: .venv/.dev  ## Time assignment in every way, beside other tools in the same run
	$(BIN)/python -m bench.assignment_targets

bench-stats: .venv/.dev  ## Time the statistics beside scipy and statsmodels in the same run
	$(BIN)/python -m bench.stats

bench-events: .venv/.dev  ## Time events over HTTP and from a file, beside the bare driver in the same run
	$(BIN)/python -m bench.events

bench-report: .venv/.dev  ## Time reports of a million customers: stored, rebuilt, refreshed, beside plain SQL
	$(BIN)/python -m bench.report
	$(BIN)/python -m bench.report_page

bench-tracking: .venv/.dev  ## Time KPIs over time at full size, and their pages
	$(BIN)/python -m bench.tracking

clean:  ## Remove the environment and caches; the data in var/ stay
	rm -rf .venv tests/clients/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
