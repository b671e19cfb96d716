# Two commands do everything: make explore, make test. README.md has the plain pip and streamlit lines.
PORT ?= 8501
DATA_DIR ?= data
VENV := .venv
PYTHON := $(VENV)/bin/python
SYSTEM_PYTHON := $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell $(name) -c \
	'import sys; print(sys.executable if (3, 11) <= sys.version_info < (3, 14) else "")' 2>/dev/null)))

.PHONY: explore test setup train bench lint checkpoints
.DELETE_ON_ERROR:

explore: $(VENV)/.installed
	$(PYTHON) -m streamlit run explorer/app.py --server.port $(PORT)

setup: $(VENV)/.installed-dev

test: $(VENV)/.installed-dev lint
	$(PYTHON) -m tests.chromium
	# A busy machine can be too slow for a browser's patience: what failed is tried once more, and must pass then.
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile \
		|| $(PYTHON) -m pytest --last-failed --last-failed-no-failures none

lint: $(VENV)/.installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

# A run of your own: make train ARGS="--dataset mnist5k --epochs 20 --out checkpoints/mnist5k/elbo"
train: $(VENV)/.installed
	$(PYTHON) -m training fit $(ARGS)

bench: $(VENV)/.installed-dev
	$(PYTHON) -m tests.chromium
	$(PYTHON) -m benchmarks --data-dir $(DATA_DIR)

# Every shipped checkpoint, from the data. One thread a run, so that -j2 fills two cores (half an hour) and the weights
# do not hang on how many cores there are.
MNIST_RUNS := $(addprefix checkpoints/mnist/,autoencoder reconstruction kl elbo elbo-full-covariance elbo-score-function)
EPOCHS_kl := 10
OPTIONS_elbo-full-covariance := --objective elbo --posterior full
OPTIONS_elbo-score-function := --objective elbo --gradient score-function --baseline learned
CLASSIFIER := checkpoints/mnist/classifier
GRADIENT_VARIANCE := checkpoints/mnist/gradient-variance.json
.PHONY: $(MNIST_RUNS) $(CLASSIFIER) $(GRADIENT_VARIANCE)
checkpoints: $(MNIST_RUNS) $(CLASSIFIER) $(GRADIENT_VARIANCE)
$(GRADIENT_VARIANCE): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training gradient-variance --out $@
$(CLASSIFIER): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training classifier --dataset mnist --data-dir $(DATA_DIR) --out $@
$(MNIST_RUNS): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training fit --dataset mnist --data-dir $(DATA_DIR) --seed 1 \
		$(or $(OPTIONS_$(@F)),--objective $(@F)) \
		--hidden-dims 512 512 256 128 --decoder-hidden-dims 128 256 512 512 --learning-rate 1e-3 --weight-decay 0.1 \
		--epochs $(or $(EPOCHS_$(@F)),120) --overwrite --out $@

# Every figure of the shipped runs, those too that take minutes and that a fresh run lacks.
.PHONY: figures
figures: $(VENV)/.installed
	for run in $(MNIST_RUNS); do \
		$(PYTHON) -m training evaluate $$run --data-dir $(DATA_DIR) --save > /dev/null || exit 1; done

$(VENV)/bin/python:
	@test -n "$(SYSTEM_PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found" >&2; exit 1; }
	$(SYSTEM_PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "python3-venv is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and run again" >&2; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PYTHON) -m pip install --quiet --requirement requirements-dev.txt
	touch $@
