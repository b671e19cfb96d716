# Two commands do everything: make explore, make test. README.md has the plain pip and streamlit lines.
PORT ?= 8501
# Who may come: this machine alone; make explore HOST=0.0.0.0 lets in whoever reaches it. Not from the environment, where
# other programs keep other things by this name.
HOST := localhost
DATA_DIR ?= data
VENV := .venv
PYTHON := $(VENV)/bin/python
# What was compiled is kept, whatever the environment says: else every process compiles its libraries, for seconds.
export PYTHONDONTWRITEBYTECODE :=
# JavaScript's checks: its caches stay here, and it asks for nothing from elsewhere.
DENO := DENO_DIR=build/deno DENO_NO_UPDATE_CHECK=1 $(VENV)/bin/deno
SYSTEM_PYTHON := $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell $(name) -c \
	'import sys; print(sys.executable if (3, 11) <= sys.version_info < (3, 14) else "")' 2>/dev/null)))

# The environment of a Python that was upgraded or removed is dead: all of it is made anew.
ALIVE := import sys; print(open(sys.prefix + "/pyvenv.cfg").read().count("version = %d.%d." % sys.version_info[:2]))
ifneq ($(wildcard $(VENV)/pyvenv.cfg),)
ifneq ($(shell $(PYTHON) -c '$(ALIVE)' 2>/dev/null),1)
.PHONY: $(VENV)/bin/python $(VENV)/.installed $(VENV)/.installed-dev $(VENV)/.installed-docs
endif
endif

.PHONY: explore test setup train bench lint checkpoints
.DELETE_ON_ERROR:

explore: $(VENV)/.installed
	$(PYTHON) -m streamlit run explorer/app.py --server.address $(HOST) --server.port $(PORT)

setup: $(VENV)/.installed-dev

test: $(VENV)/.installed-dev lint
	$(PYTHON) -m tests.chromium
	$(PYTHON) -m tests.nginx
	# More than the cores: tests of pages wait much of their time. With four, pages starve each other on two cores.
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --max-worker-restart 1

lint: $(VENV)/.installed-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(DENO) fmt --quiet --check
	$(DENO) check --quiet --no-remote --no-npm explorer/web tests/web
	$(DENO) lint --quiet

# A run of your own: make train ARGS="--dataset mnist5k --epochs 20 --out checkpoints/mnist5k/elbo"
train: $(VENV)/.installed
	$(PYTHON) -m training fit $(ARGS)

bench: $(VENV)/.installed-dev
	$(PYTHON) -m tests.chromium
	$(PYTHON) -m benchmarks --data-dir $(DATA_DIR)

# Reliability, a quarter of an hour, into docs/reliability.md.
.PHONY: soak
soak: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(PYTHON) -m benchmarks.soak $(ARGS)

# The documents as a site, build/site/index.html.
.PHONY: docs
docs: $(VENV)/.installed-docs
	$(PYTHON) -m mkdocs build --strict --quiet

# Every shipped checkpoint, from the data. One thread a run, so that -j2 fills two cores (an hour) and the weights do not
# hang on how many cores there are.
DEEP := --hidden-dims 512 512 256 128 --decoder-hidden-dims 128 256 512 512 --weight-decay 0.1 --epochs 120
SMALL := --hidden-dims 256 128 --decoder-hidden-dims 128 256 --weight-decay 0.1 --epochs 120
RECIPE_mnist/autoencoder := $(DEEP) --objective autoencoder
RECIPE_mnist/reconstruction := $(DEEP) --objective reconstruction
RECIPE_mnist/kl := $(DEEP) --objective kl --epochs 10
RECIPE_mnist/elbo := $(DEEP)
RECIPE_mnist/elbo-full-covariance := $(DEEP) --posterior full
RECIPE_mnist/elbo-score-function := $(DEEP) --gradient score-function --baseline learned
RECIPE_mnist/elbo-16d := $(SMALL) --latent-dim 16
RECIPE_mnist/elbo-conditional := $(SMALL) --condition label
# As small as they can be: 48 MB of runs ship.
TINY := --hidden-dims 40 32 --decoder-hidden-dims 64 64 48 --weight-decay 0.01 --frames 0 --epochs 60
RECIPE_mnist/elbo-binary := $(TINY) --binarize stochastic
RECIPE_mnist/elbo-mixture-prior := --hidden-dims 24 32 --decoder-hidden-dims 64 64 32 --weight-decay 0.01 --frames 0 \
	--epochs 40 --prior mixture --prior-components 20
RECIPE_fashion-mnist/autoencoder := $(SMALL) --objective autoencoder
RECIPE_fashion-mnist/reconstruction := $(SMALL) --objective reconstruction
RECIPE_fashion-mnist/kl := $(SMALL) --objective kl --epochs 10
RECIPE_fashion-mnist/elbo := $(SMALL)
RECIPE_fashion-mnist/elbo-conv := --architecture conv --hidden-dims 8 16 --weight-decay 0.1 --epochs 60
RECIPE_factors/beta-4 := --latent-dim 10 --beta 4 --hidden-dims 256 128 --decoder-hidden-dims 128 256 --epochs 60
RECIPE_ujipen/elbo := --latent-dim 12 --hidden-dims 128 64 --decoder-hidden-dims 64 128 --weight-decay 0.1 --dropout 0.1 \
	--epochs 200
# The family of the beta dial: outwards from the ELBO, each begun with the weights of the run before it.
FAMILY := --family beta --hidden-dims 40 32 --decoder-hidden-dims 32 40 --weight-decay 0.1
BEGUN_WITH = $(FAMILY) --learning-rate 5e-4 --epochs 15 --start-from checkpoints/mnist/beta-$(1)
RECIPE_mnist/beta-1 := $(FAMILY) --learning-rate 2e-3 --epochs 120
RECIPE_mnist/beta-0.5 := $(call BEGUN_WITH,1) --beta 0.5
RECIPE_mnist/beta-0 := $(call BEGUN_WITH,0.5) --objective reconstruction
RECIPE_mnist/beta-2 := $(call BEGUN_WITH,1) --beta 2
RECIPE_mnist/beta-5 := $(call BEGUN_WITH,2) --beta 5
RECIPE_mnist/beta-10 := $(call BEGUN_WITH,5) --beta 10
RECIPE_mnist/beta-20 := $(call BEGUN_WITH,10) --beta 20
RECIPE_mnist/beta-kl := $(call BEGUN_WITH,20) --objective kl
checkpoints/mnist/beta-0.5 checkpoints/mnist/beta-2: checkpoints/mnist/beta-1
checkpoints/mnist/beta-0: checkpoints/mnist/beta-0.5
checkpoints/mnist/beta-5: checkpoints/mnist/beta-2
checkpoints/mnist/beta-10: checkpoints/mnist/beta-5
checkpoints/mnist/beta-20: checkpoints/mnist/beta-10
checkpoints/mnist/beta-kl: checkpoints/mnist/beta-20
RUNS := $(sort $(patsubst RECIPE_%,checkpoints/%,$(filter RECIPE_%,$(.VARIABLES))))
CLASSIFIERS := checkpoints/mnist/classifier checkpoints/fashion-mnist/classifier
JUDGE_fashion-mnist := --mirror --epochs 16 --batch-size 256 --learning-rate 4e-3
GRADIENT_VARIANCE := checkpoints/mnist/gradient-variance.json
dataset = $(patsubst ujipen,ujipen:1,$(notdir $(patsubst %/,%,$(dir $@))))
.PHONY: $(RUNS) $(CLASSIFIERS) $(GRADIENT_VARIANCE)
checkpoints: $(RUNS) $(CLASSIFIERS) $(GRADIENT_VARIANCE)
$(GRADIENT_VARIANCE): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training gradient-variance --out $@
$(CLASSIFIERS): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training classifier --dataset $(dataset) --data-dir $(DATA_DIR) \
		$(JUDGE_$(dataset)) --out $@
$(RUNS): $(VENV)/.installed
	OMP_NUM_THREADS=1 $(PYTHON) -m training fit --dataset $(dataset) --data-dir $(DATA_DIR) --seed 1 \
		--learning-rate 1e-3 --precision float16 $(RECIPE_$(@:checkpoints/%=%)) --overwrite --out $@

# Every figure of the shipped runs, those too that take minutes and that a fresh run lacks.
.PHONY: figures
figures: $(VENV)/.installed
	for run in $(RUNS); do \
		$(PYTHON) -m training evaluate $$run --data-dir $(DATA_DIR) --save > /dev/null || exit 1; done
	OMP_NUM_THREADS=1 $(PYTHON) -m training gradient-noise $(RUNS)

$(VENV)/bin/python:
	@test -n "$(SYSTEM_PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found" >&2; exit 1; }
	rm -rf $(VENV)
	$(SYSTEM_PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "python3-venv is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and run again" >&2; exit 1; }
	# Older ones, as Python 3.11 comes with, search for minutes.
	$(PYTHON) -m pip install --quiet --no-compile --upgrade "pip>=25"

# Each module is compiled when it is first imported: most never are, and all of them would take a minute and more.
INSTALL := $(PYTHON) -m pip install --quiet --no-compile --requirement

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(INSTALL) requirements.txt
	touch $@

# These name the others too: one search for versions that go together is enough.
$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(INSTALL) requirements-dev.txt
	touch $(VENV)/.installed $@

$(VENV)/.installed-docs: requirements-docs.txt | $(VENV)/bin/python
	$(INSTALL) requirements-docs.txt
	touch $@
