# Centrala's commands. `make run` and `make test` need nothing but git, make and Python 3.11 on Debian 12.

SHELL := /bin/sh
# uv where bootstrap.sh puts it, after one that is there already; it must take this machine's Python, not fetch one.
export PATH := $(PATH):$(HOME)/.local/bin:$(CURDIR)/var/tools/uv/bin
export UV_PYTHON_DOWNLOADS := never

PY := .venv/bin
BUILD := var/build
DESK := src/centrala/web/static/index.html
NODE := tools/node
CARGO := nice cargo
MEDIA := --manifest-path media/Cargo.toml --locked
DESK_SOURCES := $(shell find desk -path desk/node_modules -prune -o -type f -not -name '*.test.*' -print 2>/dev/null)
DESK_LOCK := $(wildcard desk/package-lock.json)

.PHONY: help run serve build test check fmt bench docs python bootstrap-run bootstrap-check bootstrap-test \
	test-python test-media test-desk check-python check-media check-desk check-generated clean
.DEFAULT_GOAL := help
.NOTPARALLEL:

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

run: build  ## Build what has changed and start the sample centre
	@$(PY)/centrala demo

serve: build  ## Build what has changed and start your own centre
	@$(PY)/centrala serve

build: python $(BUILD)/bytecode $(if $(DESK_LOCK),$(DESK))  ## Build everything that has changed

test: bootstrap-test build test-media test-desk test-python  ## Bring the tests' programs and run all tests

check: bootstrap-check build check-python check-media check-desk check-generated  ## Run all linters and type checkers

fmt: python  ## Format all sources
	$(PY)/ruff check --fix-only -q .
	$(PY)/ruff format -q .
	cargo fmt --manifest-path media/Cargo.toml --all

bench: build  ## Run the benchmarks and print their tables
	@for script in bench/*/*.py; do echo "== $$script"; $(PY)/python "$$script" || exit 1; done

docs: build  ## Write the generated pages and the desk's API client anew
	$(PY)/python -m centrala.node.settings_page docs/settings.md
	@! test -f tools/openapi.py || $(PY)/python tools/openapi.py desk/openapi.json
	@! test -f desk/package.json || $(NODE) npm --prefix desk run --silent client

clean:  ## Remove what was built (not the data of any centre)
	rm -rf $(BUILD) .venv desk/node_modules media/target src/centrala/web/static

# ---- building --------------------------------------------------------------------------------------------------------

bootstrap-run bootstrap-check bootstrap-test: bootstrap-%:
	@tools/bootstrap.sh $*

# uv compares the lock and the engine's sources itself, and is done in a moment when nothing has changed.
python: bootstrap-run
	@nice uv sync --locked

# Compiled once, so that starts do not do it: some systems forbid Python to keep what it compiles while it runs. A library may
# hold a file of another version of Python, which nobody loads.
$(BUILD)/bytecode: uv.lock $(shell find src -name '*.py') | python
	@mkdir -p $(BUILD)
	@test $(BUILD)/libraries -nt uv.lock || { nice $(PY)/python -m compileall -qq -j 0 .venv/lib; touch $(BUILD)/libraries; }
	@nice $(PY)/python -m compileall -q src/centrala
	@touch $@

$(BUILD)/npm: desk/package-lock.json | python
	@mkdir -p $(BUILD)
	$(NODE) npm --prefix desk ci --no-audit --no-fund --loglevel=error
	@touch $@

$(DESK): $(BUILD)/npm $(DESK_SOURCES)
	nice $(NODE) npm --prefix desk run --silent build
	@touch $@

# ---- tests -----------------------------------------------------------------------------------------------------------

test-python: python
	nice $(PY)/pytest

test-media:
	$(CARGO) test $(MEDIA) --workspace

test-desk: $(if $(DESK_LOCK),$(BUILD)/npm)
	@! test -f desk/package.json || nice $(NODE) npm --prefix desk test

# ---- checks ----------------------------------------------------------------------------------------------------------

check-python: python
	$(PY)/ruff check .
	$(PY)/ruff format --check .
	nice $(PY)/mypy
	$(PY)/lint-imports

check-media:
	$(CARGO) clippy $(MEDIA) --workspace --all-targets -- -D warnings
	cargo fmt --manifest-path media/Cargo.toml --all --check

check-desk: $(if $(DESK_LOCK),$(BUILD)/npm)
	@! test -f desk/package.json || nice $(NODE) npm --prefix desk run check

# What is generated must be what its sources say now.
check-generated: python $(if $(DESK_LOCK),$(BUILD)/npm)
	@tools/check-generated.sh
