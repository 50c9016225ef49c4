"""The names of arrays: a layer calls W what is the third W, W3, to the network."""

from functools import cache

from glassnet.nn.layers import Arrays


def own(arrays: Arrays, number: int) -> Arrays:
    """View the arrays of one number under their short names: W3, b3 as W, b.

    Parameters
    ----------
    arrays : dict of str to ndarray
        Parameters, buffers or gradients of a network.
    number : int
        From 1.

    Returns
    -------
    dict of str to ndarray
        The same arrays; empty where none has that number.
    """
    names = _short_names(tuple(arrays)).get(number, ())
    return {short: arrays[name] for short, name in names}


@cache
def _short_names(names: tuple[str, ...]) -> dict[int, tuple[tuple[str, str], ...]]:
    """List the names that go with each number: {3: (("W", "W3"), ("b", "b3"))}."""
    table: dict[int, tuple[tuple[str, str], ...]] = {}
    for name in names:
        short = name.rstrip("0123456789")
        number = int(name.removeprefix(short))
        table[number] = (*table.get(number, ()), (short, name))
    return table
