"""TrainingOptions: what a visitor may choose of a training."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from glassnet.diagnosis.experiments import EXPERIMENTS
from glassnet.errors import ConfigError
from glassnet.recipe import Recipe
from glassnet.recipes import TEXTBOOK
from glassnet.runs.config import RunConfig, check_config

# The options of `glassnet train --recipe textbook` say all that differs from it.
_BASE: Recipe = replace(TEXTBOOK, min_updates=0)


@dataclass(frozen=True)
class TrainingOptions:
    """What a visitor may choose.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    activation, initializer, optimizer : str
        Names.
    learning_rate : float
        Above 0.
    batch_size, epochs, n_train : int
        Images a step, passes, training images.
    seed : int
        Of everything random.
    experiment : str or None
        A key of ``EXPERIMENTS``: how to break it, or None.
    """

    hidden: tuple[int, ...] = (32,)
    activation: str = "relu"
    initializer: str = "he"
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    batch_size: int = 64
    epochs: int = 6
    n_train: int = 60_000
    seed: int = 0
    experiment: str | None = None

    def config(self, data: str) -> RunConfig:
        """Make a complete configuration of them.

        Parameters
        ----------
        data : str
            Name of the dataset.

        Returns
        -------
        RunConfig
            Checked.

        Raises
        ------
        ConfigError
            If a name is unknown or a number out of range.
        """
        change: Mapping[str, Any] = {}
        if self.experiment is not None:
            if self.experiment not in EXPERIMENTS:
                raise ConfigError(
                    f"experiment: needs one of {', '.join(EXPERIMENTS)}, got {self.experiment!r}"
                )
            change = EXPERIMENTS[self.experiment].change
        recipe = {name: value for name, value in change.items() if name != "corrupt"}
        chosen = replace(
            _BASE,
            hidden=self.hidden,
            activation=(self.activation,),
            initializer=self.initializer,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            epochs=self.epochs,
            momentum=0.9 if self.optimizer == "nesterov" else 0.0,
        )
        config = RunConfig(recipe=replace(chosen, **recipe), data=data, seed=self.seed)
        config = replace(config, corrupt=change.get("corrupt"))
        check_config(config)
        return config
