"""Data rules: input scale, row order, shuffled labels and leakage."""

import numpy as np

from glassnet.diagnosis.case import Case
from glassnet.diagnosis.evidence import Evidence
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.picture import Picture, finite_or_none

# Measured in docs/diagnosis.md.
MAX_INPUT_SCALE, MIN_INPUT_SCALE = 3.0, 0.02  # root mean square of the inputs
MAX_LABEL_ORDER = 0.5  # 0 for shuffled rows, 1 for rows sorted by class
MIN_LABEL_DEPENDENCE = 5.0  # of labels on images, in standard deviations above chance
CHANCE_SKILL = 0.1  # on the validation set; above it, a network has learnt the labels
MAX_LEAKED_SHARE = 0.005  # of the images in a set; below it, duplicates are accidental
UNIT_PIXEL_SCALE = 0.33  # root mean square of MNIST's pixels, scaled to [0, 1]


def find_unscaled_input(case: Case) -> Finding | None:
    """Detect inputs far from the scale that initialisers and learning rates assume."""
    scale = None if case.first is None else case.first.input_scale
    if scale is None or MIN_INPUT_SCALE <= scale <= MAX_INPUT_SCALE:
        return None
    is_large = scale > MAX_INPUT_SCALE
    limit = MAX_INPUT_SCALE if is_large else MIN_INPUT_SCALE
    return Finding(
        cause="unscaled-input",
        evidence=(Evidence("input_scale", scale, limit),),
        values={"scale": scale},
        wording="unscaled-input" if is_large else "unscaled-input-small",
        picture=Picture(
            kind="bars",
            x_label="",
            y_label="input_scale",
            x=("inputs", "unit_pixels"),
            series={"input_scale": (finite_or_none([scale])[0], UNIT_PIXEL_SCALE)},
            is_logarithmic=True,
            limit=limit,
            limit_label="max_input_scale" if is_large else "min_input_scale",
        ),
        change={"input_scale": 1.0},
    )


def find_rows_not_shuffled(case: Case) -> Finding | None:
    """Detect an epoch whose rows are sorted by class."""
    order = None if case.last is None else case.last.label_order
    if order is None or order < MAX_LABEL_ORDER:
        return None
    return Finding(
        cause="rows-not-shuffled",
        evidence=(Evidence("label_order", order, MAX_LABEL_ORDER),),
        picture=case.make_loss_picture(),
        change={"shuffle": True},
    )


def find_labels_shuffled(case: Case) -> Finding | None:
    """Detect labels that are independent of the images."""
    dependence = None if case.first is None else case.first.label_dependence
    if dependence is None or dependence >= MIN_LABEL_DEPENDENCE or not case.finished:
        return None
    # A network that predicts the labels of held-out images shows that they are not random.
    held_out = case.compute_skill(case.finished[-1].validation_accuracy)
    if held_out is not None and held_out >= CHANCE_SKILL:
        return None
    evidence = [Evidence("label_dependence", dependence, MIN_LABEL_DEPENDENCE)]
    if held_out is not None:
        evidence.append(Evidence("validation_skill", held_out, CHANCE_SKILL))
    return Finding(
        cause="labels-shuffled",
        evidence=tuple(evidence),
        picture=Picture(
            kind="lines",
            x_label="epoch",
            y_label="accuracy",
            x=tuple(record.epoch for record in case.finished),
            series={
                "train_accuracy": finite_or_none([r.train_accuracy for r in case.finished]),
                "validation_accuracy": finite_or_none(
                    [r.validation_accuracy for r in case.finished]
                ),
            },
            limit=case.majority,
            limit_label="majority",
        ),
        change={"corrupt": None},
    )


def find_leak(case: Case) -> Finding | None:
    """Detect training images in the validation or test set."""
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
    if not part or shares[part] < MAX_LEAKED_SHARE:
        return None
    return Finding(
        cause="train-test-leak",
        evidence=(Evidence("leaked_share", shares[part], MAX_LEAKED_SHARE),),
        values={"n_leaked": counts[part], "n": len(hashes[part]), "part": part},
        picture=Picture(
            kind="bars",
            x_label="",
            y_label="leaked_share",
            x=tuple(shares),
            series={"leaked_share": tuple(shares.values())},
            limit=MAX_LEAKED_SHARE,
            limit_label="max_leaked_share",
        ),
        change={"corrupt": None},
    )
