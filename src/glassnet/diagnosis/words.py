"""Words: English texts for the keys of findings and their charts."""

from collections.abc import Mapping

EVIDENCE: Mapping[str, str] = {
    "step": "steps made before a number was no longer finite",
    "update_ratio": "longest step measured, as a share of the weights it moved",
    "peak_loss_ratio": "loss of the worst batch over that of the first",
    "total_update_ratio": "all steps together, as a share of the weights",
    "dead": "share of a layer's units that are dead",
    "saturated_units": "share of a layer's units that are saturated",
    "saturated_activations": "share of a layer's activations that are saturated",
    "gradient_ratio": "gradient of the first layer over that of the last, after the first epoch",
    "unit_similarity": "share of the weights that all units of a layer have in common",
    "input_scale": "root mean square of the inputs",
    "label_order": "how far classes come one after the other, 0 to 1",
    "label_dependence": "labels predicted by the nearest mean image, in standard deviations above "
    "chance",
    "validation_skill": "validation accuracy, from 0 (most frequent class) to 1",
    "validation_loss_ratio": "lowest validation loss of the last epochs over that of all epochs",
    "accuracy_gap": "training accuracy minus validation accuracy",
    "loss_ratio": "validation loss over training loss",
    "leaked_share": "share of the validation or test images that are training images",
}

TITLES: Mapping[str, str] = {
    "not-finite": "The loss, up to where it was last finite",
    "learning-rate-too-high": "The loss rises above where it began",
    "learning-rate-too-low": "The loss has hardly left where it began",
    "dead-relus": "Dead units of each hidden layer",
    "saturated-sigmoids": "Saturation of each hidden layer",
    "vanishing-gradients": "The gradient of each layer",
    "zero-initialisation": "How similar the units of each hidden layer are",
    "unscaled-input": "The size of the network's inputs",
    "rows-not-shuffled": "The loss falls within a class and jumps at the next",
    "labels-shuffled": "No better than chance on held-out images",
    "over-fitting": "Training loss falls, validation loss rises",
    "train-test-leak": "Images that are training images too",
}

LABELS: Mapping[str, str] = {
    "": "",
    # axes and series
    "epoch": "epoch",
    "layer": "layer",
    "loss": "loss",
    "accuracy": "accuracy",
    "train_loss": "training loss",
    "validation_loss": "validation loss",
    "train_accuracy": "training accuracy",
    "validation_accuracy": "validation accuracy",
    "gradient_norm": "Euclidean norm",
    "dead": "share of the layer's units",
    "saturated_units": "share of the layer's units",
    "saturated_activations": "share of the layer's activations",
    "unit_similarity": "share in common",
    "input_scale": "root mean square",
    "leaked_share": "share of the part",
    # bars
    "inputs": "these inputs",
    "unit_pixels": "pixels in [0, 1]",
    "validation": "validation",
    "test": "test",
    # limits
    "first_loss": "at the first step",
    "lowest_validation_loss": "lowest",
    "majority": "the most frequent class",
    "max_input_scale": "too large above",
    "min_input_scale": "too small below",
    "max_share": "too many above",
    "max_leaked_share": "by accident",
    "max_similarity": "copies of each other",
    "min_gradient_norm": "vanished below",
}
