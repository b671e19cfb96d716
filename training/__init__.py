"""Train variational autoencoders and write checkpoints that the explorer opens."""

import os

# Before torch, whose threads then wait for one another in a short spin and after it asleep. By default they spin for
# milliseconds, on the cores that those awaited need: beside four busy programs a step took 10 times as long by that.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
