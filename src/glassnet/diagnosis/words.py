"""Words: English texts for the keys of findings and their charts."""

from collections.abc import Mapping

EVIDENCE: Mapping[str, str] = {
    "step": "steps until a number was no longer finite",
    "update_ratio": "longest measured step, as a share of the weights that it moves",
    "peak_loss_ratio": "loss of the worst batch, divided by that of the first",
    "total_update_ratio": "all steps together, as a share of the weights",
    "dead": "share of a layer's units that are dead",
    "saturated_units": "share of a layer's units that are saturated",
    "saturated_activations": "share of a layer's activations that are saturated",
    "gradient_ratio": "gradient of the first layer, divided by that of the last, after the first "
    "epoch",
    "unit_similarity": "share of the weights that all units of a layer have in common",
    "input_scale": "root mean square of the inputs",
    "label_order": "sortedness of the classes, from 0 (shuffled) to 1 (sorted)",
    "label_dependence": "labels predicted by the nearest mean image, in standard deviations above "
    "chance",
    "validation_skill": "validation accuracy, from 0 (most frequent class) to 1",
    "validation_loss_ratio": "lowest validation loss of the last epochs, divided by that of all "
    "epochs",
    "accuracy_gap": "training accuracy minus validation accuracy",
    "loss_ratio": "validation loss, divided by training loss",
    "leaked_share": "share of the validation or test images that are training images",
}

TITLES: Mapping[str, str] = {
    "not-finite": "Loss up to the last finite value",
    "learning-rate-too-high": "The loss rises above its initial value",
    "learning-rate-too-low": "The loss stays close to its initial value",
    "dead-relus": "Dead units of each hidden layer",
    "saturated-sigmoids": "Saturation of each hidden layer",
    "vanishing-gradients": "Gradient of each layer",
    "zero-initialisation": "Similarity of the units of each hidden layer",
    "unscaled-input": "Scale of the network's inputs",
    "rows-not-shuffled": "The loss falls within a class and jumps at the next",
    "labels-shuffled": "No better than chance on held-out images",
    "over-fitting": "Training loss falls, validation loss rises",
    "train-test-leak": "Share of images that are also training images",
}

# By the wording of a finding; its values fill the placeholders.
EXPLANATIONS: Mapping[str, str] = {
    "not-finite": "A number has exceeded the range of floating point and become infinite or NaN. "
    "Every number computed from it is NaN too, so training cannot continue.",
    "learning-rate-too-high": "At the learning rate {rate}, a step is up to {step} times as long "
    "as the weights that it moves, so it overshoots the minimum. The loss rises, and units end up "
    "where the slope of their activation is 0.",
    "learning-rate-too-low": "At the learning rate {rate}, a step moves the weights by at most "
    "{step} of their length, and all steps together have hardly moved them. The loss is still "
    "falling as it did at the start, only too slowly.",
    "dead-relus": "Units output 0 for every image, since their weighted sums are always negative. "
    "A ReLU has slope 0 there, so no gradient reaches their weights.",
    "saturated-sigmoids": "Units stay within 1 % of an end of their range for nearly all images, "
    "where sigmoid and tanh are flat. The slope is close to 0 there, so the weights into these "
    "units hardly learn.",
    "vanishing-gradients": "Each layer multiplies the propagated gradient by the slope of its "
    "activation, which is at most 1/4 for a sigmoid. Little of it reaches the first layers, so "
    "their weights stay close to their initial values.",
    "zero-initialisation": "All units of a hidden layer have the same weights, so they compute the "
    "same output and receive the same gradient. They remain identical, and the layer is worth a "
    "single unit.",
    "unscaled-input": "The inputs have a root mean square of {scale}, but initialisation and "
    "learning rate assume numbers between 0 and 1. The gradients of the first layer are too large "
    "in proportion, so its steps overshoot.",
    "unscaled-input-small": "The inputs have a root mean square of {scale}, but initialisation "
    "and learning rate assume numbers between 0 and 1. The gradients of the first layer are too "
    "small in proportion, so it hardly learns.",
    "rows-not-shuffled": "The rows are sorted by class, so the network sees a single class for "
    "hundreds of images and learns to predict nothing else. The next class then overwrites it.",
    "labels-shuffled": "Images and labels do not belong together: the mean image of a class does "
    "not predict the class of other images. The network can only memorise single images, which "
    "does not generalise.",
    "over-fitting": "Since epoch {epoch} the validation loss has risen while the training loss has "
    "kept falling. The network memorises the training images, noise included, and becomes more "
    "confident in its wrong predictions.",
    "train-test-leak": "{n_leaked} of {n} {part} images are also training images, pixel by pixel. "
    "The network can memorise them, so the accuracy on that part is too high.",
}

# By cause.
REMEDIES: Mapping[str, str] = {
    "not-finite": "The usual initialisation (initializer he, gain 1) and a lower learning rate.",
    "learning-rate-too-high": "A lower learning rate: {new_rate}.",
    "learning-rate-too-low": "A higher learning rate: {new_rate}.",
    "dead-relus": "Initial biases of 0, and batch normalisation.",
    "saturated-sigmoids": "Smaller initial weights, and batch normalisation.",
    "vanishing-gradients": "An activation with slope 1 for positive inputs: relu, with the "
    "initializer he.",
    "zero-initialisation": "Random initial weights: the initializer he, or glorot for sigmoid and "
    "tanh.",
    "unscaled-input": "Scale the pixels to [0, 1]: divide integers from 0 to 255 by 255.",
    "rows-not-shuffled": "Shuffle the rows in each epoch.",
    "labels-shuffled": "Check ten images against their labels, and shuffle images and labels with "
    "the same permutation.",
    "over-fitting": "Stop after epoch {epoch} and use dropout; more images help most.",
    "train-test-leak": "Evaluate on images outside the training data; glassnet evaluate leaves out "
    "the others.",
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
    "unit_similarity": "similarity",
    "input_scale": "root mean square",
    "leaked_share": "share of the images",
    # bars
    "inputs": "these inputs",
    "unit_pixels": "pixels in [0, 1]",
    "validation": "validation",
    "test": "test",
    # limits
    "first_loss": "first step",
    "lowest_validation_loss": "lowest",
    "majority": "the most frequent class",
    "max_input_scale": "upper limit",
    "min_input_scale": "lower limit",
    "max_share": "limit",
    "max_leaked_share": "limit",
    "max_similarity": "identical units",
    "min_gradient_norm": "limit",
}
