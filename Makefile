# make demo   trains on real handwritten digits and tests what was learnt
# make test   runs the tests
# Each target first builds .venv where it is missing or older than what it is built from.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= python3
BUILT_FROM := pyproject.toml constraints.txt
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check format parity faults accuracies models kills fuzz bench clean

demo: $(VENV)/sample.stamp
	$(BIN)/glassnet train --data sample --seed 0

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: $(VENV)/test.stamp $(VENV)/check.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/numpydoc lint $(shell find src -name "*.py")

format: $(VENV)/check.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The same expressions in PyTorch and scikit-learn, beside ours.
parity: $(VENV)/parity.stamp
	$(BIN)/python -m pytest tests/parity --override-ini addopts=--import-mode=importlib

# Breaks the code in known ways, one at a time, and expects the tests to notice.
faults: $(VENV)/test.stamp
	$(BIN)/python -m tests.faults

# Test accuracies of recipes and variants: hours, for those not in docs/accuracies.json.
accuracies: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.accuracies

# The models in the package, trained again with their twins: an hour or two.
models: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.shipping

# Twenty trainings killed at random moments and resumed, to the same bits.
kills: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.kills

# Many more damaged files for each reader of data than the tests take.
fuzz: $(VENV)/test.stamp
	GLASSNET_FUZZ=6000 $(BIN)/python -m pytest tests/data/test_fuzz.py

# glassnet beside PyTorch, JAX, scikit-learn and onnxruntime; about 25 minutes, QUICK=1: 3 minutes.
bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/pip.stamp: $(BUILT_FROM)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("glassnet needs Python 3.11 or newer, got " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "Installing into $(VENV) (a minute or two) ..."
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"  # the first that knows dependency groups
	touch $@

$(VENV)/sample.stamp: $(VENV)/pip.stamp
	$(PIP) install --constraint constraints.txt --editable ".[sample,lab]"
	touch $@

$(VENV)/%.stamp: $(VENV)/sample.stamp
	$(PIP) install --constraint constraints.txt --group $*
	touch $@
