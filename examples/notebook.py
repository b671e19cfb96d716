# A run in Python, with the explorer installed (pip install .). Open this file in the project's root as a notebook, in
# VS Code or in JupyterLab with jupytext, or run it there: python examples/notebook.py

# %% Open a run; take its latents as a table
from explorer.api import interpolate, open_run

run = open_run("checkpoints/mnist/elbo")
frame = run.frame()  # one row a held-out image: label, z1, z2, reconstruction, kl
print(frame.groupby("label")[["z1", "z2", "kl"]].mean())

# %% Encode and decode
x = run.images()[:100]  # (100, 1, 28, 28) in [0, 1]
posterior = run.encode(x)  # mu (100, 2) and spread (100, 2), the standard deviations
x_hat = run.decode(posterior.mu)  # E[x|z], (100, 1, 28, 28) in [0, 1]
print(f"mean squared error of a pixel: {((x_hat - x) ** 2).mean():.4f}")

# %% How much of log p(x) the ELBO misses, in nats: KL(q(z|x) || p(z|x)), Eq. 10
binary = open_run("checkpoints/mnist/elbo-binary")  # of black and white pixels: of grey ones it is no log-probability
log_p = binary.log_evidence(binary.images()[:20])  # (20,), by integration over z
terms = binary.frame()[:20]
elbo = -(terms.reconstruction + terms.kl)
print(f"log p(x) {log_p.mean():.1f}, ELBO {elbo.mean():.1f} nats")

# %% From a 2 to a 6
two, six = (frame[frame.label == digit].iloc[0][["z1", "z2"]].to_numpy(float) for digit in "26")
film = run.decode(interpolate(two, six, steps=9))  # (9, 1, 28, 28)

# %% Images of the model itself, drawn from the prior
z, drawn = run.sample(16, seed=1)  # (16, 2) and (16, 1, 28, 28)
print(f"{len(film)} images from a 2 to a 6, {len(drawn)} of the prior")
