"""Feeds: which numbers of a step each number enters."""

from glassnet.nn.tracing.explanation import Index, Step, Value, split_name


def find_consumers(step: Step, name: str, index: Index) -> list[Value]:
    """Find the numbers that a number enters.

    Parameters
    ----------
    step : Step
        The step.
    name : str
        Of the quantity.
    index : tuple of int
        The number's place.

    Returns
    -------
    list of Value
        In order of their computation.
    """
    letter, number, after = split_name(name)
    last, samples = step.n_layers, step.samples

    def _row(name: str, i: int) -> list[Value]:
        return [step.entry(name, i, j) for j in range(step.arrays[name].shape[1])]

    def _column(name: str, j: int) -> list[Value]:
        return [step.entry(name, k, j) for k in range(step.arrays[name].shape[0])]

    match letter:
        case "x" | "a":
            i, k = index
            later = [] if after else _row(f"dW{number + 1}", k)
            again = _row("z1_after", i) if letter == "x" else []
            return [*_row(f"z{number + 1}{after}", i), *later, *again]
        case "y" | "p":
            losses = ["loss", "loss_after"] if letter == "y" else [f"loss{after}"]
            # Cross-entropy looks at the right answers alone; squared, a class is felt by all.
            is_seen = step.is_squared or bool(step.arrays["y"][index])
            told = [step.entry(loss) for loss in losses if is_seen]
            if after:
                return told
            back = _row(f"dz{last}", index[0])
            return [*told, *(back if step.is_squared else back[index[1] : index[1] + 1])]
        case "W":
            k, j = index
            sums = [step.entry(f"z{number}{after}", i, j) for i in samples]
            if after:
                return sums
            back = [step.entry(f"da{number - 1}", i, k) for i in samples] if number > 1 else []
            return [*sums, *back, step.entry(f"W{number}_after", k, j)]
        case "b":
            sums = [step.entry(f"z{number}{after}", i, *index) for i in samples]
            return sums if after else [*sums, step.entry(f"b{number}_after", *index)]
        case "z" if number == last:
            return _row(f"p{after}", index[0])
        case "z":
            slope = [] if after else [step.entry(f"slope{number}", *index)]
            return [step.entry(f"a{number}{after}", *index), *slope]
        case "da" | "slope":
            return [step.entry(f"dz{number}", *index)]
        case "dz":
            i, j = index
            back = _row(f"da{number - 1}", i) if number > 1 else []
            return [*_column(f"dW{number}", j), step.entry(f"db{number}", j), *back]
        case "dW" | "db":
            return [step.entry(f"{letter[1:]}{number}_after", *index)]
    return []  # a loss feeds nothing
