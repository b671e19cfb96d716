"""Options of every command that reads images: these dataclasses are the command line, the defaults, `config.json`."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.beta import CHANGES
from training.data.binarize import BinarizeName
from training.data.datasets import check_name
from training.errors import UserError
from training.model.spec import MOST_COMPONENTS, ActivationName, LikelihoodName, ModelSpec, PosteriorName, PriorName
from training.objective import ObjectiveName

GradientName = Literal["reparameterization", "score-function"]
BaselineName = Literal["none", "mean", "learned"]
ArchitectureName = Literal["mlp", "conv"]
InputName = Literal["pixels", "tanh"]
OutputName = Literal["logits", "pixels", "tanh"]
OrderName = Literal["mu-first", "mu-last"]
ScaleName = Literal["log-var", "log-std", "std", "var"]

IMAGE_SIDES = range(4, 513)
MOST_UNITS = 2**20  # of a layer; that all weights together can be held is seen once the images' size is known
MOST_STEPS = 10**9
LAST_SEED = 2**32 - 1  # what every generator of random numbers here takes
# Where a run happens, as opposed to what it is: these never enter config.json.
PLACE_FIELDS = ("out", "data_dir", "weights", "trust", "device", "resume", "overwrite", "gallery")


@dataclass(frozen=True, kw_only=True)
class DataDirOptions:
    """Where the data sets are."""

    data_dir: Path = Path("data")
    """Folder in torchvision's layout (MNIST/raw inside), with ujipen/ beside; downloads go here."""


@dataclass(frozen=True, kw_only=True)
class DeviceOptions:
    """What to compute with."""

    device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    """auto: CUDA, else MPS, else CPU."""


@dataclass(frozen=True, kw_only=True)
class DataOptions(DataDirOptions):
    """What every command that learns from images is told first."""

    out: Path
    """What to write."""
    dataset: str = "mnist"
    """A data set that `python -m training datasets` lists, or your own as it names them: folder:PATH, zip:FILE,
    npz:FILE, safetensors:FILE, csv:FILE, parquet:FILE."""

    def __post_init__(self) -> None:
        check_name(self.dataset)


@dataclass(frozen=True, kw_only=True)
class PictureOptions(DataOptions):
    """The same, with a size for pictures that have none."""

    image_size: tuple[int, ...] | None = None
    """Height and width, or one number for both, that pictures of a folder, a zip, a parquet file or celeba are made."""

    def __post_init__(self) -> None:
        super().__post_init__()
        size_of(self.image_size)


@dataclass(frozen=True, kw_only=True)
class RunOptions(PictureOptions):
    """What every command that writes a run is told."""

    overwrite: bool = False
    """Replace a finished checkpoint in --out (kept until the new one is whole)."""
    gallery: Literal["auto", "always", "never"] = "auto"
    """Write the held-out images beside the run folder, as gallery.safetensors. auto: if they may be given on."""
    binarize: BinarizeName = "none"
    """Make pixels black or white, by chance of their grey: fixed, one draw of each image; stochastic, anew each time it
    is trained on. Both are evaluated on the fixed draw; log p(x) is then a log-probability."""

    def recipe(self) -> dict[str, Any]:
        """What the run is, as JSON: every option but those that say where and how it was started."""
        fields = {k: v for k, v in dataclasses.asdict(self).items() if k not in PLACE_FIELDS}
        return {k: _as_json(v) for k, v in fields.items()}


@dataclass(frozen=True, kw_only=True)
class FitOptions(RunOptions, DeviceOptions):
    """Train one run by auto-encoding variational Bayes (AEVB) and write its checkpoint folder."""

    out: Path
    """Folder of the checkpoint to write, e.g. checkpoints/mnist/my-run."""
    objective: ObjectiveName = "elbo"
    """Weights of reconstruction and kl: autoencoder 1, 0 (no noise); reconstruction 1, 0; kl 0, 1; elbo 1, beta; or
    iwae, the importance-weighted bound of several draws an image (Burda et al., 2016)."""
    importance_samples: int | None = None
    """Draws of z an image under the iwae objective; 5 if not given."""
    beta: float = 1.0
    """Weight of the KL term under the elbo objective."""
    latent_dim: int = 2
    """Dimensions of z."""
    architecture: ArchitectureName = "mlp"
    """mlp: fully connected; conv: stride-2 convolutions and their transposes, with one full layer next to z."""
    hidden_dims: tuple[int, ...] = (512, 256, 128)
    """Encoder widths from the image inwards (conv: channels)."""
    decoder_hidden_dims: tuple[int, ...] | None = None
    """Decoder widths from the latent outwards; the encoder's in reverse if not given."""
    activation: ActivationName = "silu"
    """Non-linearity of hidden layers."""
    condition: Literal["label"] | None = None
    """label: encoder and decoder are given the image's class, q(z|x, y) and p(x|z, y), a conditional VAE."""
    dropout: float = 0.0
    """Share of encoder activations dropped while training."""
    posterior: PosteriorName | None = None
    """Family of q(z|x): the objective's own if not given (autoencoder: deterministic; others: diagonal)."""
    prior: PriorName = "standard"
    """p(z): N(0, I); or learned with the rest, a mixture of Gaussians, or vamp, of q(z|u) over learned pseudo-inputs u
    (Tomczak and Welling, 2018). The KL of a learned one is a sampled estimate."""
    prior_components: int | None = None
    """Gaussians, or pseudo-inputs, of a learned prior; 10 if not given."""
    gradient: GradientName = "reparameterization"
    """Estimator of the reconstruction term's gradient: through z (Eq. 26), or by log q's gradient (Eqs. 18-20)."""
    baseline: BaselineName = "none"
    """What the score function subtracts: nothing, the batch's mean, or what a small network expects of the image."""
    likelihood: LikelihoodName | None = None
    """Distribution p(x|z) of a pixel: the images' own if not given (grey: bernoulli; colour: continuous-bernoulli)."""
    epochs: int = 30
    """Passes over the training images."""
    batch_size: int = 256
    """Images a step."""
    learning_rate: float = 2e-3
    """Peak learning rate of Adam."""
    weight_decay: float = 0.0
    """Decoupled weight decay (AdamW)."""
    schedule: Literal["cosine", "one-cycle"] = "one-cycle"
    """cosine: from the peak to 0; one-cycle: a rise over the first 15 % of steps, then cosine to 0."""
    seed: int = 0
    """Seed of weights, shuffling and noise: same seed, same machine, same bits."""
    precision: Literal["float32", "float16"] = "float32"
    """Of the stored weights and trajectory: float16 halves the folder. Every metric is of the weights as stored."""
    frames: int | None = None
    """Epochs whose latents are kept for the film of training, beside the untrained and the best one's; at most 24, or 4
    above two dimensions, if not given."""
    start_from: Path | None = None
    """Begin with the weights of this finished run of the same network, e.g. checkpoints/mnist/elbo, and not anew."""
    family: str | None = None
    """A name that runs share which are shown together, by the beta dial, and in no list of runs; kept small."""
    resume: bool = False
    """Go on from the state that an interrupted run left in --out."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, ("latent_dim", "hidden_dims", "decoder_hidden_dims"), 1, MOST_UNITS)
        check_whole(self, ("epochs", "batch_size"), 1, MOST_STEPS)
        check_whole(self, ("frames",), 0, MOST_STEPS)
        check_whole(self, ("seed",), 0, LAST_SEED)
        check_positive(self, "learning_rate")
        if not 0 <= self.weight_decay < float("inf"):
            raise UserError(f"--weight-decay {self.weight_decay}: must be a finite number, at least 0")
        if not 0 <= self.dropout < 1:
            raise UserError(f"--dropout {self.dropout}: must be in [0, 1)")
        if not 0 <= self.beta < float("inf"):
            raise UserError(f"--beta {self.beta}: must be a finite number, at least 0")
        if self.beta != 1 and self.objective != "elbo":
            raise UserError(f"--beta {self.beta}: only the elbo objective has a beta; --objective is {self.objective}")
        self._check_bound_and_prior()
        if self.posterior == "deterministic" and self.objective in ("kl", "elbo", "iwae"):
            raise UserError(
                f"--posterior deterministic: KL is infinite for a point; use --posterior diagonal with {self.objective}"
            )
        if self.posterior in ("diagonal", "full") and self.objective == "autoencoder":
            raise UserError(
                f"--posterior {self.posterior}: an autoencoder's code is deterministic; use --objective reconstruction"
            )
        if self.gradient == "score-function" and (self.posterior or self._default_posterior) == "deterministic":
            raise UserError("--gradient score-function: a deterministic code has no density; use --objective elbo")
        if self.binarize != "none" and self.likelihood not in (None, "bernoulli"):
            raise UserError(f"--binarize {self.binarize}: pixels of 0 and 1 need --likelihood bernoulli")
        if self.gradient != "score-function" and self.baseline != "none":
            raise UserError(f"--baseline {self.baseline}: only --gradient score-function has a baseline")
        if self.family is not None and not re.fullmatch(r"[A-Za-z0-9._+-]{1,40}", self.family):
            raise UserError("--family: expected a name of up to 40 letters, digits, points, dashes, underscores")

    def _check_bound_and_prior(self) -> None:
        if self.importance_samples is not None and self.objective != "iwae":
            raise UserError(f"--importance-samples {self.importance_samples}: only --objective iwae has several draws")
        if self.objective == "iwae":
            object.__setattr__(
                self, "importance_samples", 5 if self.importance_samples is None else self.importance_samples
            )
            if self.gradient == "score-function":
                raise UserError(
                    "--gradient score-function: the iwae objective is differentiated through z; leave it out"
                )
        check_whole(self, ("importance_samples",), 1, MOST_STEPS)
        if self.prior == "standard":
            if self.prior_components is not None:
                raise UserError(f"--prior-components {self.prior_components}: the standard prior has none")
            return
        object.__setattr__(self, "prior_components", 10 if self.prior_components is None else self.prior_components)
        check_whole(self, ("prior_components",), 1, MOST_COMPONENTS)
        if self.gradient == "score-function":
            raise UserError(f"--gradient score-function: the KL to --prior {self.prior} is differentiated through z")
        if (self.posterior or self._default_posterior) == "deterministic":
            raise UserError(f"--prior {self.prior}: a deterministic code has no prior; use --objective elbo")
        if self.prior == "vamp" and (self.posterior == "full" or self.condition):
            raise UserError("--prior vamp: q(z|u) must be diagonal, and not given a class; use --prior mixture")

    @property
    def _default_posterior(self) -> PosteriorName:
        return "deterministic" if self.objective == "autoencoder" else "diagonal"

    def model_spec(self, image_shape: tuple[int, int, int], classes: int = 1) -> ModelSpec:
        """The network these options describe for images of shape (C, H, W) in so many classes.

        Raises UserError if it is to be given the class and there is one only.
        """
        if self.condition:
            expect_classes(self.dataset, classes)
        decoder = self.hidden_dims[::-1] if self.decoder_hidden_dims is None else self.decoder_hidden_dims
        return ModelSpec(
            image_shape=image_shape,
            latent_dim=self.latent_dim,
            architecture=self.architecture,
            hidden_dims=self.hidden_dims,
            decoder_hidden_dims=decoder,
            activation=self.activation,
            dropout=self.dropout,
            posterior=self.posterior or self._default_posterior,
            likelihood=self.likelihood
            or ("bernoulli" if image_shape[0] == 1 or self.binarize != "none" else "continuous-bernoulli"),
            condition=classes if self.condition else 0,
            prior=self.prior,
            prior_components=self.prior_components or 0,
        )

    @staticmethod
    def from_recipe(out: Path, recipe: dict[str, Any]) -> FitOptions:
        """The options whose `recipe` this is, with their checkpoint at `out`; raises UserError for one that is not."""
        try:
            options: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in recipe.items() if k != CHANGES
            }
            if options.get("start_from"):
                options["start_from"] = Path(options["start_from"])
            return FitOptions(out=out, **options)
        except TypeError as error:
            raise UserError(f"{out / 'config.json'}: 'training' does not hold the options of a run: {error}") from error


@dataclass(frozen=True, kw_only=True)
class ImportOptions(RunOptions):
    """Turn your own PyTorch VAE into a checkpoint that the explorer opens (docs/own-models.md).

    Your code is run by this command, and never by the explorer.
    """

    model: str
    """module:object or path/to/file.py:object, as in my_vae:VAE, a torch module or what gives one when called; or
    pythae or antixk, whose plain VAEs are known here."""
    weights: Path
    """Its state dict as a safetensors file."""
    trust: bool = False
    """Read --weights also if torch.save wrote it: its tensors and nothing else (weights_only)."""
    out: Path
    """Folder of the checkpoint to write, e.g. checkpoints/mnist/my-vae."""
    likelihood: LikelihoodName = "bernoulli"
    """Distribution p(x|z) of a pixel that the logits stand for."""
    sigma: float = 1.0
    """Standard deviation of a pixel, for --likelihood gaussian."""
    input: InputName | None = None
    """What encode takes: pixels from 0 to 1 (if not said), or tanh, from -1 to 1."""
    output: OutputName | None = None
    """What decode gives: logits (if not said), pixels from 0 to 1, or tanh, from -1 to 1."""
    posterior_order: OrderName | None = None
    """Which of the two values that encode gives is mu: the first (if not said), or the last."""
    posterior_scale: ScaleName | None = None
    """What the other one is: the log of the variance (if not said) or of the standard deviation, or either itself."""
    condition: Literal["label"] | None = None
    """label: encode(x, y) and decode(z, y) take the class too, y (N, K) one-hot."""
    seed: int = 0
    """Seed of the draws that metrics are measured with."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, ("seed",), 0, LAST_SEED)
        check_positive(self, "sigma")

    @staticmethod
    def from_recipe(out: Path, recipe: dict[str, Any]) -> ImportOptions:
        """The options whose `recipe` this is, with their checkpoint at `out`; raises UserError for one that is not."""
        try:
            options: dict[str, Any] = {
                k: tuple(v) if isinstance(v, list) else v for k, v in recipe.items() if k != "objective"
            }
            return ImportOptions(weights=Path(), out=out, **options)
        except TypeError as error:
            raise UserError(f"{out / 'config.json'}: 'training' does not hold the options of an import") from error

    def recipe(self) -> dict[str, Any]:
        """What the run is, as JSON."""
        return {"objective": "imported", **super().recipe()}


@dataclass(frozen=True, kw_only=True)
class GradientVarianceOptions(DataOptions):
    """Measure how the variance of the gradient estimators grows with the latent dimension."""

    out: Path
    """JSON file to write, beside the runs it is shown with: checkpoints/mnist/gradient-variance.json."""
    dataset: str = "mnist5k"
    """Data set that the small models learn."""
    latent_dims: tuple[int, ...] = (1, 2, 5, 10, 20, 50)
    """Latent dimensions to measure at."""
    seeds: int = 3
    """Models trained at each of them."""
    epochs: int = 20
    """Passes over the training images."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, ("latent_dims",), 1, MOST_UNITS)
        check_whole(self, ("seeds", "epochs"), 1, MOST_STEPS)
        if not self.latent_dims:
            raise UserError("--latent-dims: at least one number is needed")
        if self.out.is_dir():
            raise UserError(f"--out {self.out}: is a folder; name a file, as in {self.out / 'gradient-variance.json'}")


@dataclass(frozen=True, kw_only=True)
class ClassifierOptions(PictureOptions, DeviceOptions):
    """Train the classifier of a data set: the judge of decoded images, and the feature network of Frechet distances."""

    out: Path
    """Folder to write, beside the runs it will judge: checkpoints/mnist/classifier."""
    epochs: int = 25
    """Passes over the training images."""
    batch_size: int = 128
    """Images a step; a sixth as many non-images come on top."""
    learning_rate: float = 2e-3
    """Peak learning rate of AdamW."""
    seed: int = 0
    """Seed of weights, shuffling, augmentation and non-images."""
    mirror: bool = False
    """Mirror half of the training images, for pictures whose class does not hang on left and right."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.out.exists() and not self.out.is_dir():
            raise UserError(f"--out {self.out}: a file is in the way; name a folder")
        check_whole(self, ("epochs", "batch_size"), 1, MOST_STEPS)
        check_whole(self, ("seed",), 0, LAST_SEED)
        check_positive(self, "learning_rate")


def with_defaults(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe of fit that an older version wrote, with the defaults of options that it does not know."""
    fields = dataclasses.fields(FitOptions)
    return {f.name: f.default for f in fields if f.default is not dataclasses.MISSING} | recipe


def check_whole(options: Any, names: tuple[str, ...], least: int, most: int) -> None:
    """Raise UserError for an option, or one of its numbers, that lies outside `least` to `most`."""
    for name in names:
        value = getattr(options, name)
        for number in value if isinstance(value, tuple) else () if value is None else (value,):
            if not least <= number <= most:
                raise UserError(f"{flag(name)} {number}: must be a whole number from {least} to {most:,}")


def check_positive(options: Any, name: str) -> None:
    """Raise UserError unless an option is a finite number above 0."""
    value = getattr(options, name)
    if not 0 < value < float("inf"):
        raise UserError(f"{flag(name)} {value}: must be a finite number above 0")


def expect_classes(dataset: str, classes: int) -> None:
    """Raise UserError if there are no `classes` to tell apart, so that there is nothing to be given."""
    if classes < 2:
        raise UserError(f"--condition label: {dataset} has no classes to tell apart; leave it out")


def size_of(option: tuple[int, ...] | None) -> tuple[int, int] | None:
    """(H, W) of an --image-size; raises UserError for one that is none."""
    if option is None:
        return None
    if len(option) not in (1, 2) or not all(side in IMAGE_SIDES for side in option):
        said = " ".join(map(str, option))
        raise UserError(
            f"--image-size {said}: one or two numbers from {IMAGE_SIDES[0]} to {IMAGE_SIDES[-1]} are needed"
        )
    return option[0], option[-1]


def _as_json(value: Any) -> Any:
    """An option's value; of a path to a run, its data set's folder and its own, which say what it is anywhere."""
    if isinstance(value, Path):
        return "/".join(value.resolve().parts[-2:])
    return list(value) if isinstance(value, tuple) else value


def flag(name: str) -> str:
    """The command-line spelling of an option's field name."""
    return "--" + name.replace("_", "-")
