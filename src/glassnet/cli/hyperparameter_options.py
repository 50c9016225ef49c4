"""Options for hyper-parameters, generated from the fields that declare them."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from glassnet.hyperparameters import Hyperparameter, hyperparameters


def with_hyperparameters(
    owner: type, after: str
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator that adds an option for each hyper-parameter to a command.

    Parameters
    ----------
    owner : type
        The dataclass that declares the hyper-parameters.
    after : str
        Parameter of the command after which the options are listed.

    Returns
    -------
    callable
        Decorator for a function with ``**overrides``; an option that is not given is None.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        """Add the options to the signature of a command."""
        signature = inspect.signature(command)
        parameters = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        place = [p.name for p in parameters].index(after) + 1
        parameters[place:place] = [
            inspect.Parameter(
                name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None,
                annotation=_annotation(declared),
            )
            for name, declared in hyperparameters(owner).items()
            if declared.has_option
        ]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # read by inspect
        return command

    return decorate


def _annotation(declared: Hyperparameter) -> Any:
    """Return the annotation of an option: a number or flag if it accepts no words, else text."""
    words = [*declared.words, *(["none"] if declared.accepts_none else [])]
    is_plain = declared.type in (bool, int, float)
    number = {int: "int", float: "float"}.get(declared.main_type)
    metavar = f"<{'|'.join([number, *words])}>" if number and words else None
    help_text = declared.help
    if declared.choices is not None:
        help_text = f"{help_text} One of {', '.join(declared.choices)}."
    option_type = declared.type if is_plain else str
    return Annotated[option_type | None, typer.Option(help=help_text, metavar=metavar)]
