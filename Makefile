# The front door. `make demo` shows what the program does; `make test` proves it. Both install what is missing (Debian, Ubuntu).
SHELL := /bin/bash
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
# Debian's own Python has the modules that the test suites import.
PYTHON ?= $(shell test -x /usr/bin/python3 && echo /usr/bin/python3 || echo python3)
BINARY := build/release/kubectl-gwdoctor
# Precompiled headers would otherwise never be found in the cache.
export CCACHE_SLOPPINESS ?= pch_defines,time_macros
export JOBS

.PHONY: build demo test e2e bench lint format install clean help deps-build deps-test deps-lint

help:
	@echo 'make            build the program (build/release/kubectl-gwdoctor)'
	@echo 'make demo       diagnose a broken example cluster'
	@echo 'make test       every test that needs no cluster, then the C++ tests under the sanitizers'
	@echo 'make e2e        against a real control plane, which it builds and starts'
	@echo 'make bench      what an answer costs where there are 10,000 routes, against parsing them'
	@echo 'make lint       clang-format and clang-tidy;  make format mends the first'
	@echo 'make install    into PREFIX (/usr/local), honours DESTDIR'
	@echo 'make clean      remove build/'

build/%/build.ninja: CMakePresets.json
	@cmake --preset $*

.PRECIOUS: build/%/build.ninja

build: build/release/build.ninja
	@cmake --build --preset release --parallel $(JOBS) --target kubectl-gwdoctor

# DEPS=have: the packages are there, installed by other means than apt-get.
deps-build deps-test deps-lint: deps-%:
	@test "$(DEPS)" = have || scripts/install-deps.sh $*

demo: deps-build
	@$(MAKE) build
	@echo '$$ kubectl gwdoctor route payments-api -n payments --from examples/payments-broken'
	@$(BINARY) route payments-api -n payments --from examples/payments-broken; code=$$?; \
	if [ $$code -ne 1 ]; then echo "make demo: exit code $$code, and 1 was expected: the example has faults to find" >&2; exit 1; fi

test: deps-build deps-test
	@$(PYTHON) tests/run.py build-release release build-asan asan

e2e: deps-build deps-test
	@$(PYTHON) tests/run.py build-release e2e

bench: deps-build deps-test
	@$(PYTHON) tests/run.py build-release bench

lint: deps-build deps-lint
	@$(PYTHON) tests/run.py lint

format: deps-lint
	@git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' | xargs -0 -r clang-format-14 -i

install: build
	@cmake --install build/release --prefix $(PREFIX)

clean:
	@rm -rf build
