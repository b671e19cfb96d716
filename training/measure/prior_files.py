"""The file beside runs that holds the priors fitted to their codes afterwards, and its reader. No torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.checkpoint_fields import FITTED, FITTED_PRIORS, PRIOR_ROW
from training.fields import check
from training.regular_file import CheckpointError
from training.sealed_json import read_sealed
from training.tensor_files import MAX_RECORD_BYTES

PRIORS_FILE = "fitted-priors.json"
FEW_DRAWS = 10


def load_fitted_priors(file: Path) -> dict[str, dict[str, Any]]:
    """What `python -m training fit-prior` wrote, by run; raises CheckpointError in one line that names the file."""
    try:
        value = read_sealed(file, MAX_RECORD_BYTES)
        check(file, value, FITTED_PRIORS)
        for name, of_run in value["runs"].items():
            check(file, of_run, FITTED, where=f"runs.{name}")
            for number, row in enumerate(of_run["priors"]):
                where = f"runs.{name}.priors[{number}]"
                check(file, row, PRIOR_ROW, where=where)
                _check_sizes(file, row, where)
    except CheckpointError as error:
        raise CheckpointError(f"{error}; remove it and make it anew: python -m training fit-prior RUN") from error
    runs: dict[str, dict[str, Any]] = value["runs"]
    return runs


def _check_sizes(file: Path, row: dict[str, Any], where: str) -> None:
    if (gaussians := row["gaussians"]) is None:
        return
    means, log_vars = gaussians["mean"], gaussians["log_var"]
    sizes = {len(gaussians["logits"]), len(means), len(log_vars), row["components"]}
    if len(sizes) != 1 or len({*map(len, means), *map(len, log_vars)}) != 1:
        raise CheckpointError(f"{file}: {where}.gaussians differ in length")


def in_words(run: str, fitted: dict[str, Any]) -> str:
    """Lines for a terminal on one run's priors."""
    images, judged, draws = fitted["fitted_images"], fitted["judged_images"], fitted["draws"]
    lines = [
        f"{run}: priors fitted to {fitted['fitted_draws']:,} draws of q(z|x) of {images:,} held-out images, judged on "
        "the other held-out images",
        f"covered: of the prior, by q(z) of those. log p(x): mean of {judged:,} of them in nats, by {draws:,} "
        "importance-weighted draws each. gain: over the run's own prior, with its standard error",
        f"{'prior':<28}{'covered':>8}{'log p(x)':>12}{'gain':>18}{'draws that count':>18}{'recognisable':>14}",
    ]
    for number, row in enumerate(fitted["priors"]):
        gain = _with_error(row["over_own"], "+") if number else ""
        share = "" if row["recognisable"] is None else f"{row['recognisable']:.0%}"
        found = f"{row['coverage']:>8.0%}{row['log_evidence']:>12.2f}{gain:>18}{row['effective_draws']:>18.1f}"
        lines.append(f"{_name(row):<28}{found}{share:>14}".rstrip())
    return "\n".join([*lines, *conclusions(fitted["priors"])])


def _name(row: dict[str, Any]) -> str:
    if row["prior"] == "aggregate":
        return "the aggregate posterior"
    if row["gaussians"] is None:
        return f"the run's own ({row['prior']})"
    return f"{row['components']} Gaussian{'' if row['components'] == 1 else 's'}"


def _with_error(difference: list[float | None], sign: str = "") -> str:
    value, error = difference
    return f"{value:{sign}.2f}" + ("" if error is None else f" ± {error:.2f}")


def conclusions(rows: list[dict[str, Any]]) -> list[str]:
    """Where log p(x) of the mixtures rises and falls again, and what is in doubt: a sentence each."""
    mixtures = [row for row in rows if row["gaussians"]]
    best = max(mixtures, key=lambda row: float(row["log_evidence"]))
    beyond = [row for row in mixtures if row["components"] > best["components"]]
    lines = []
    if beyond:
        last = max(beyond, key=lambda row: float(row["below_best"][0]))
        fall, error = last["below_best"]
        sure = error is not None and fall > 2 * error
        why = ": too many fit the draws, not the codes of other images" if sure else ", which may be chance"
        lines.append(
            f"log p(x) is highest with {_name(best)}; with {last['components']} it is "
            f"{_with_error(last['below_best'])} nats lower again{why}"
        )
    elif len(mixtures) > 1:
        lines.append(f"log p(x) is highest with {_name(best)}, the most that were tried")
    if open_ends := [_name(row) for row in mixtures if not row["converged"]]:
        lines.append(f"stopped before they settled: {', '.join(open_ends)}")
    if loose := [_name(row) for row in rows if row["effective_draws"] < FEW_DRAWS]:
        lines.append(f"fewer than {FEW_DRAWS} draws count, so that log p(x) is rather higher: {', '.join(loose)}")
    return lines
