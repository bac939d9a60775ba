# Two commands do it all: `make course` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
COURSE := $(BIN)/course
export OMP_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: course test setup book release demo bench serve lab lint help clean

course: setup  ## build the book, make the exercises, grade a sample class, say where to look
	@$(COURSE) release
	@$(COURSE) build
	@$(COURSE) demo
	@$(COURSE) where

test: setup lint  ## everything that continuous integration runs
	@$(COURSE) release
	@$(COURSE) build
	@$(COURSE) demo
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

setup: .venv/installed  ## make .venv from the pinned requirements; install bubblewrap, chromium and postgresql where that can be done
	@$(COURSE) doctor --install --quiet

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed, and $(PYTHON) is %d.%d: run make PYTHON=python3.11" % v[:2])'
	@echo "Making .venv from constraints.txt: a few minutes the first time"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --constraint constraints.txt torch
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[book,grading,postgres,dev]"
	@touch $@

book: setup  ## build the book alone
	@$(COURSE) build

release: setup  ## make exercises/ from solutions/
	@$(COURSE) release

demo: setup  ## make a sample class by code and grade it
	@$(COURSE) demo

bench: setup  ## how fast it all is beside the alternatives; PARTS="models book" runs some of it
	@env -u OMP_NUM_THREADS $(BIN)/python -m coursekit.bench $(PARTS)

serve: book  ## show the book at http://localhost:8000
	@$(COURSE) serve

lab: setup  ## open a copy of the exercises, work/, in JupyterLab; what you wrote there is never overwritten
	@mkdir -p work
	@for folder in exercises/*; do test -e "work/$${folder#exercises/}" || cp -R "$$folder" work/; done
	@$(BIN)/jupyter lab --notebook-dir work $(if $(filter 0,$(shell id -u)),--allow-root)

lint: setup  ## style, formatting and spelling
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/codespell

clean:  ## remove what can be made again: not .venv, not the work and the grades of a class
	rm -rf _build $(addprefix build/,bundles demo page release source)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15
