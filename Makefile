# Everything runs from a bare clone: Python 3.11 or newer and make, no compiler, no other step first.
# The first target used makes .venv and installs what it needs; later ones reuse it until pyproject.toml changes.

MISSION ?= first_drive
ARGS ?=
JOBS ?= 2
SECONDS ?= 60
TARGET ?=
PYTHON ?=
BIN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help sil test check lint soak hunt-score fuzz image-test bench bench-jitter docs clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

sil: .venv/.for-sil  ## fly a mission on this desktop: make sil MISSION=first_drive ARGS='--seed 7'
	@$(BIN) -m sil.cli sil $(MISSION) $(ARGS)

test: .venv/.for-dev  ## the whole test suite, a few minutes
	@$(BIN) -m pytest -q -n $(JOBS) --dist worksteal $(ARGS)

lint: .venv/.for-dev
	@$(BIN) -m ruff check .
	@$(BIN) -m ruff format --check .
	@$(BIN) -m mypy

check: lint test  ## what CI runs: lint, format, types, then the test suite

soak: .venv/.for-dev  ## what takes hours: long missions, thousands of state-machine runs, reboots
	@HYPOTHESIS_PROFILE=soak $(BIN) -m pytest -q -n $(JOBS) --dist worksteal -m 'soak or not soak' $(ARGS)

fuzz: .venv/.for-fuzz  ## hostile bytes for all that reads any: make fuzz SECONDS=60 TARGET=framing
	@$(BIN) -m tests.fuzz run --seconds $(SECONDS) $(if $(TARGET),--target $(TARGET)) $(ARGS)

hunt-score: .venv/.for-sil  ## how many of the deliberate defects in tests/mutants the hunt finds: two hours
	@$(BIN) -m tests.mutants.score $(ARGS)

image-test: .venv/.for-sil  ## build an SD-card image, boot it in QEMU, hurt it: half an hour and some apt packages
	@$(BIN) -m tests.image $(ARGS)

bench: .venv/.for-sil  ## the numbers of docs/benchmarks.md, measured on this machine
	@$(BIN) -m benchmarks $(ARGS)

bench-jitter: .venv/.for-sil  ## how late flight's cycles begin, beside cyclictest
	@$(BIN) -m benchmarks.jitter $(ARGS)

docs: .venv/.for-sil  ## write the generated pages of docs/ again
	@$(BIN) -m sil.docs docs

clean:  ## remove the environment, caches and build leftovers; runs/ stays
	@rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than pyproject.toml once that has been installed; an interrupted install leaves none.
.venv/.for-sil: pyproject.toml | .venv/.made
	@$(call install,sil)
	@touch $@

.venv/.for-dev: pyproject.toml | .venv/.made
	@$(call install,sil$(comma)test$(comma)dev)
	@touch .venv/.for-sil $@

.venv/.for-fuzz: pyproject.toml | .venv/.made
	@$(call install,sil$(comma)fuzz)
	@touch .venv/.for-sil $@

comma := ,
define install
echo "Installing rahi[$(1)] into .venv; needed once, takes about a minute" >&2; \
$(BIN) -m pip install --quiet --disable-pip-version-check --prefer-binary -e '.[$(1)]' || { \
	echo "make: the packages could not be installed; the first run needs the network" >&2; exit 2; }
endef

# The first Python that is new enough and can make an environment; an environment that works is kept.
.venv/.made:
	@set -eu; usable=; bare=; \
	if [ -x $(BIN) ] && $(BIN) -m pip --version >/dev/null 2>&1; then touch $@; exit 0; fi; \
	for name in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python); do \
		"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
		if "$$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then usable=$$name; break; fi; \
		bare=$${bare:-$$name}; \
	done; \
	if [ -n "$$usable" ]; then \
		"$$usable" -m venv --clear .venv || { echo "make: $$usable could not make .venv here" >&2; exit 2; }; \
		touch $@; \
	elif [ -n "$$bare" ]; then \
		package=$$("$$bare" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		echo "make: $$bare lacks ensurepip; mend it with: sudo apt install $$package" >&2; exit 2; \
	else \
		echo "make: Rahi needs Python 3.11 or newer; found none (name one with: make PYTHON=/path/to/python3)" >&2; exit 2; \
	fi
