"""What is wrong with the data: their scale, their order, their labels, their parts."""

import numpy as np

from glassnet.diagnosis.case import Case, finite_or_none
from glassnet.diagnosis.finding import Evidence, Finding, Picture

# Measured: docs/diagnosis.md.
LARGE, SMALL = 3.0, 0.02  # root mean square of the inputs
IN_TURNS = 0.5  # how far classes come one after the other
DEPENDENT = 5.0  # standard deviations by which labels depend on images
NO_SKILL = 0.1  # of images not learnt from
LEAKED = 0.005  # of the images of a part


def find_unscaled_input(case: Case) -> Finding | None:
    """Look for inputs of another size than a network is made for.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``unscaled-input``.
    """
    scale = None if case.first is None else case.first.input_scale
    if scale is None or SMALL <= scale <= LARGE:
        return None
    is_large = scale > LARGE
    return Finding(
        "unscaled-input",
        (
            Evidence(
                "input_scale", "root mean square of the inputs", scale, LARGE if is_large else SMALL
            ),
        ),
        f"What enters the first layer has the size {scale:.3g}, where weights and learning rates "
        "are made for numbers between 0 and 1. "
        + (
            "Every gradient of that layer is larger in proportion, so its steps overshoot."
            if is_large
            else "Every gradient of that layer is smaller in proportion, so it hardly learns."
        ),
        "Scale the pixels to [0, 1], once: divide whole numbers from 0 to 255 by 255.",
        Picture(
            "bars",
            "The size of what enters the network",
            "",
            "root mean square",
            ("these inputs", "pixels in [0, 1]"),
            {"root mean square": (finite_or_none([scale])[0], 0.33)},
            is_logarithmic=True,
            limit=LARGE if is_large else SMALL,
            limit_says="too large above" if is_large else "too small below",
        ),
        {"input_scale": 1.0},
    )


def find_rows_not_shuffled(case: Case) -> Finding | None:
    """Look for an epoch that serves one class after the other.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``rows-not-shuffled``.
    """
    order = None if case.last is None else case.last.label_order
    if order is None or order < IN_TURNS:
        return None
    return Finding(
        "rows-not-shuffled",
        (
            Evidence(
                "label_order",
                "how far classes come one after the other, 0 to 1",
                order,
                IN_TURNS,
            ),
        ),
        "Rows come sorted by class, so for hundreds of images the network sees one class and "
        "learns to name nothing else. Then comes the next class, and what it learnt before is "
        "overwritten.",
        "Deal the rows out in a fresh random order in each epoch.",
        case.draw_loss("The loss falls within a class and jumps at the next"),
        {"shuffle": True},
    )


def find_labels_shuffled(case: Case) -> Finding | None:
    """Look for labels that have nothing to do with the images.

    Parameters
    ----------
    case : Case
        Any.

    Returns
    -------
    Finding or None
        ``labels-shuffled``.
    """
    dependence = None if case.first is None else case.first.label_dependence
    if dependence is None or dependence >= DEPENDENT or not case.whole:
        return None
    # What a network reads on images that it has not learnt from, chance cannot explain.
    held_out = case.skill(case.whole[-1].validation_accuracy)
    if held_out is not None and held_out >= NO_SKILL:
        return None
    evidence = [
        Evidence(
            "label_dependence",
            "labels named by the nearest mean image, standard deviations above chance",
            dependence,
            DEPENDENT,
        )
    ]
    if held_out is not None:
        says = "share of what chance leaves that is read rightly, validation part"
        evidence.append(Evidence("validation_skill", says, held_out, NO_SKILL))
    return Finding(
        "labels-shuffled",
        tuple(evidence),
        "Images and labels do not belong together: the mean image of a class tells nothing about "
        "its other images. All that a network can do is learn single images by heart, which helps "
        "with no other.",
        "Look at ten images with their labels, and reorder images and labels together, by one "
        "permutation.",
        Picture(
            "lines",
            "No better than chance on images that it has not learnt from",
            "epoch",
            "accuracy",
            tuple(record.epoch for record in case.whole),
            {
                "train": finite_or_none([record.train_accuracy for record in case.whole]),
                "validation": finite_or_none([r.validation_accuracy for r in case.whole]),
            },
            limit=case.majority,
            limit_says="the most frequent class",
        ),
        {"corrupt": None},
    )


def find_leak(case: Case) -> Finding | None:
    """Look for images that a network learns from and is tested on.

    Parameters
    ----------
    case : Case
        With hashes.

    Returns
    -------
    Finding or None
        ``train-test-leak``.
    """
    if case.hashes is None:
        return None
    hashes = case.hashes
    shares: dict[str, float] = {}
    counts: dict[str, int] = {}
    for part in ("validation", "test"):
        if part in hashes and len(hashes[part]):
            counts[part] = int(np.isin(hashes[part], hashes["train"]).sum())
            shares[part] = counts[part] / len(hashes[part])
    part = max(shares, key=lambda name: shares[name], default="")
    if not part or shares[part] < LEAKED:
        return None
    n = len(hashes[part])
    return Finding(
        "train-test-leak",
        (
            Evidence(
                "leaked_share", f"share of the {part} images seen in training", shares[part], LEAKED
            ),
        ),
        f"{counts[part]:,} of {n:,} {part} images are training images too, pixel by pixel. "
        "What a network has learnt by heart it reads rightly, so the accuracy on that part says "
        "more than is true.",
        "Measure on images that took no part in the training: glassnet evaluate leaves the others "
        "out.",
        Picture(
            "bars",
            "Images that were seen in training",
            "",
            "share of the part",
            tuple(shares),
            {"share of the part": tuple(shares.values())},
            limit=LEAKED,
            limit_says="by accident",
        ),
        {"corrupt": None},
    )
