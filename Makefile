# make demo   train on handwritten digits and test on held-out ones
# make test   run the tests
# Each target first builds .venv if it is missing, or older than pyproject.toml or constraints.txt.

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
	$(BIN)/python -m checks.docstrings
	$(BIN)/python -m checks.phrases

format: $(VENV)/check.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Compare with the same expressions in PyTorch and scikit-learn.
parity: $(VENV)/parity.stamp
	$(BIN)/python -m pytest tests/parity --override-ini addopts=--import-mode=importlib

# Break the code in known ways, one at a time; each must make a test fail.
faults: $(VENV)/test.stamp
	$(BIN)/python -m tests.faults

# Measure the test accuracies that docs/accuracies.json lacks: hours.
accuracies: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.accuracies

# Train the shipped models, and the twins that calibrate them: an hour or two.
models: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.shipping

# Kill twenty runs at random moments, resume them, and compare the bits.
kills: $(VENV)/sample.stamp
	$(BIN)/python -m benchmarks.kills

# Read many more damaged files with each reader than the tests do.
fuzz: $(VENV)/test.stamp
	GLASSNET_FUZZ=6000 $(BIN)/python -m pytest tests/data/test_fuzz.py

# Compare the speed with PyTorch, JAX, scikit-learn and onnxruntime: 25 minutes; QUICK=1: 3 minutes.
bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/pip.stamp: $(BUILT_FROM)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("glassnet needs Python 3.11 or newer, got " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "Installing into $(VENV) (a minute or two) ..."
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1"  # the first with dependency groups
	touch $@

$(VENV)/sample.stamp: $(VENV)/pip.stamp
	$(PIP) install --constraint constraints.txt --editable ".[sample,lab]"
	touch $@

$(VENV)/%.stamp: $(VENV)/sample.stamp
	$(PIP) install --constraint constraints.txt --group $*
	touch $@
