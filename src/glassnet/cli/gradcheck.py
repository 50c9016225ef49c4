"""``glassnet gradcheck``: compare gradients with finite differences."""

from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from glassnet.cli.console import print_json, text_console
from glassnet.cli.options import MODEL_HELP, JsonOption, QuietOption
from glassnet.errors import ConfigError
from glassnet.models.files import load
from glassnet.nn.checking.gradient_check import (
    TOLERANCE,
    GradientReport,
    ParameterCheck,
    check_gradients,
)
from glassnet.nn.mlp import mlp

N_IMAGES = 20


def gradcheck(
    model: Annotated[
        str | None,
        typer.Argument(help=MODEL_HELP + "  [default: a new network]"),
    ] = None,
    sizes: Annotated[
        str, typer.Option(help="Sizes of the new network: inputs, hidden units, classes.")
    ] = "784,128,10",
    activation: Annotated[
        str, typer.Option(help="Activation of the hidden layers: one name, or one for each layer.")
    ] = "relu",
    initializer: Annotated[str, typer.Option(help="Initialiser: he, glorot or small.")] = "he",
    loss: Annotated[
        str, typer.Option(help="Loss function: cross_entropy or mean_squared_error.")
    ] = "cross_entropy",
    seed: Annotated[int, typer.Option(help="Seed for the weights, images and directions.")] = 0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> int:
    """Compare the gradients from backpropagation with central differences in float64.

    The inputs are random; a correct gradient is correct for any input. Exits with status 1 if a
    gradient is wrong.
    """
    if seed < 0:
        raise ConfigError(f"--seed: needs a whole number of at least 0, got {seed}")
    rng = np.random.default_rng(seed)
    if model is None:
        names = [name.strip() for name in activation.split(",")]
        network = mlp(
            _parse_sizes(sizes),
            activation=names[0] if len(names) == 1 else names,
            initializer=initializer,
            dtype=np.float64,
            rng=rng,
        )
    else:
        network = load(model).network
    x = rng.random((N_IMAGES, network.n_in))
    labels = rng.integers(network.n_classes, size=N_IMAGES)
    report = check_gradients(network, x, labels, loss=loss, rng=rng)
    console = text_console(quiet=quiet, as_json=as_json)
    console.print(repr(network), markup=False)
    console.print(_table(report))
    verdict = "passed" if report.is_correct else "FAILED"
    console.print(f"worst relative error {report.worst:.2e} (tolerance {TOLERANCE:.0e}): {verdict}")
    if as_json:
        print_json(
            {
                "is_correct": report.is_correct,
                "worst": _finite(report.worst),
                "is_exhaustive": report.is_exhaustive,
                "parameters": {check.name: _row(check) for check in report.checks},
            }
        )
    return 0 if report.is_correct else 1


def _table(report: GradientReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    counted = "entries" if report.is_exhaustive else "directions"
    for head in ("", counted, "kinks", "rel. error", "worst at", "backprop", "numeric"):
        table.add_column(head, justify="right", no_wrap=True)
    for check in report.checks:
        table.add_row(
            check.name,
            f"{check.n_checked:,}",
            f"{check.n_kinks:,}",
            f"{check.relative_error:.2e}",
            "[" + ", ".join(map(str, check.index)) + "]",
            f"{check.analytic:+.8f}",
            f"{check.numeric:+.8f}",
        )
    return table


def _row(check: ParameterCheck) -> dict[str, object]:
    return {
        "relative_error": _finite(check.relative_error),
        "index": check.index,
        "analytic": check.analytic,
        "numeric": _finite(check.numeric),
        "n_checked": check.n_checked,
        "n_kinks": check.n_kinks,
        "is_correct": check.is_correct,
    }


def _finite(value: float) -> float | None:
    """Return a float, or None for NaN and infinity, which JSON cannot represent."""
    return float(value) if np.isfinite(value) else None


def _parse_sizes(text: str) -> list[int]:
    try:
        return [int(size) for size in text.split(",")]
    except ValueError:
        raise ConfigError(
            f"--sizes: needs whole numbers such as 784,128,10, got {text!r}"
        ) from None
