# make setup    a .venv with what the lock files pin; every other target makes it at first use
# make demo     seven kinds published, installed and updated; SERVE=0 ends there instead of serving
# make check    the quick part of the tests: style, types, layers, and the rules of formats, kinds and checks
# make test     everything, as CI runs it; a skipped test is a failure
# make bench    the benchmarks, against their targets
# make screenshots    pictures of each kind of page in screenshots/, to be looked at
# make lock     writes the lock files anew from pyproject.toml
# make workflows    writes .github anew from the templates that `init --forge github` has
# make clean    removes what the targets made, the .venv too

PYTHON ?= python3
SERVE ?= 1
JOBS ?= 3 # many tests wait for servers and other processes

# Relative, so that a checkout may lie in a folder whose name has spaces.
PY := .venv/bin/python

# Nothing of the caller's own Python setup reaches ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# RUNLEVEL: what is installed for tests is not started as a service (invoke-rc.d).
APT_INSTALL := RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends
PYTEST := $(PY) -m pytest -q -n $(JOBS)
PURE := registry_tool/core/*,registry_tool/kinds/*,registry_tool/checks/*
RULES := tests/core tests/kinds tests/checks tests/test_architecture.py tests/test_documents.py
# These tests run every line and branch of them. The others run unmeasured, since measuring takes as long again.
COVERING := tests/core tests/kinds tests/checks tests/reports tests/keyless tests/feeds/test_hosts.py tests/feeds/test_ggui.py \
	tests/attacks/test_archives.py tests/attacks/test_chains.py tests/attacks/test_profiles.py tests/attacks/test_reviews.py \
	tests/services/test_wholes.py \
	tests/services/test_approvals_table.py tests/services/test_exporting.py tests/cli/test_kinds.py tests/cli/test_more_approvals.py
LOCK := $(PY) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --annotation-style=line \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: setup system demo lint check test bench screenshots lock workflows clean
.DELETE_ON_ERROR:

setup: .venv/.ready

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; $(PYTHON) is another one. Name it: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory .venv/.python3-venv
	$(PYTHON) -m venv .venv || $(PYTHON) -m virtualenv .venv
	@touch $@

# Debian keeps venv's other half in a package of its own; elsewhere virtualenv does the same job.
.PHONY: .venv/.python3-venv
.venv/.python3-venv:
	@set -e; as_root=; test "$$(id -u)" = 0 || as_root=sudo; \
	if command -v apt-get >/dev/null; then \
		$$as_root apt-get update -q && $$as_root env $(APT_INSTALL) python3-venv </dev/null && exit 0; \
	fi; \
	$(PYTHON) -m pip install --user --quiet virtualenv \
		|| { echo "Neither venv nor virtualenv can be had for $(PYTHON): install one of them" >&2; exit 1; }

.venv/.locked: .venv/.made requirements-dev.txt
	$(PY) -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.ready: .venv/.locked pyproject.toml
	$(PY) -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

# What the tests on real input need beside Python; only what is missing is installed.
system:
	@set -e; missing=; \
	for pair in git:git bwrap:bubblewrap docker-compose:docker-compose openssl:openssl node:nodejs npm:npm chromium:chromium nginx:nginx-light caddy:caddy \
		mkfs.exfat:exfatprogs mount.exfat-fuse:exfat-fuse; do \
		PATH="$$PATH:/usr/sbin" command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; \
	done; \
	test -e /usr/include/linux/filter.h || missing="$$missing linux-libc-dev"; \
	test -n "$$missing" || exit 0; \
	command -v apt-get >/dev/null || { echo "The tests need these, please install them:$$missing" >&2; exit 1; }; \
	as_root=; test "$$(id -u)" = 0 || as_root=sudo; \
	$$as_root apt-get update -q; \
	$$as_root env $(APT_INSTALL) $$missing </dev/null

demo: setup
	@SERVE="$(SERVE)" $(PY) -m tests.demo

lint: setup
	$(PY) -m ruff check
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

check: lint
	$(PYTEST) --dist worksteal -m "not slow and not network and not browser" $(RULES)

test: export REGISTRY_NO_SKIPS := 1
test: lint system
	$(PYTEST) --dist worksteal --cov --cov-report= $(COVERING)
	$(PY) -m coverage report --include="$(PURE)" --fail-under=100
	$(PYTEST) --dist worksteal tests $(addprefix --ignore=,$(COVERING))

bench: setup system
	$(PY) -m tests.bench

screenshots: setup system
	$(PY) -m tests.screenshots screenshots

# As written on the oldest Python that is supported.
lock: setup
	$(LOCK) --output-file=requirements.txt pyproject.toml
	$(LOCK) --extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt pyproject.toml
	@for tool in zizmor check-jsonschema; do echo $$tool; done > .venv/lint-ci.in
	@echo "# What the workflow lint-ci installs, each with its hashes." > .venv/lint-ci.txt
	$(LOCK) --no-annotate --constraint=requirements-dev.txt --output-file=- .venv/lint-ci.in >> .venv/lint-ci.txt
	@mv .venv/lint-ci.txt registry_tool/forges/templates/github/lint-ci.txt
	$(MAKE) --no-print-directory workflows

# This repository is a registry too: its workflows are those that `registry init --forge github` writes.
workflows: setup
	$(PY) -m tests.forge.own_files

clean:
	rm -rf .venv build dist site screenshots .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find registry_tool tests -name __pycache__ -prune -exec rm -rf {} +
