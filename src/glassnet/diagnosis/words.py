"""Words: English texts for the keys of findings and their charts."""

from collections.abc import Mapping

EVIDENCE: Mapping[str, str] = {
    "step": "steps until a number was no longer finite",
    "update_ratio": "largest measured step, relative to the norm of the weights it updates",
    "peak_loss_ratio": "highest loss of a batch, divided by that of the first",
    "total_update_ratio": "all steps combined, relative to the norm of the weights",
    "dead": "fraction of dead units in a layer",
    "saturated_units": "fraction of saturated units in a layer",
    "saturated_activations": "fraction of saturated activations in a layer",
    "gradient_ratio": "gradient norm of the first layer, divided by that of the last, after the "
    "first epoch",
    "unit_similarity": "fraction of the weights that all units of a layer have in common",
    "input_scale": "root mean square of the inputs",
    "label_order": "ordering of the rows by class, from 0 (shuffled) to 1 (sorted)",
    "label_dependence": "accuracy of a nearest-mean classifier, in standard deviations above "
    "chance",
    "validation_skill": "validation accuracy, rescaled: 0 (always the most frequent class) to 1 "
    "(no errors)",
    "validation_loss_ratio": "lowest validation loss of the last epochs, divided by the lowest of "
    "all epochs",
    "accuracy_gap": "training accuracy minus validation accuracy",
    "loss_ratio": "validation loss divided by training loss",
    "leaked_share": "fraction of the validation or test images that are also training images",
}

TITLES: Mapping[str, str] = {
    "not-finite": "Loss up to the last finite value",
    "learning-rate-too-high": "The loss rises above its initial value",
    "learning-rate-too-low": "The loss stays close to its initial value",
    "dead-relus": "Dead units in each hidden layer",
    "saturated-sigmoids": "Saturation in each hidden layer",
    "vanishing-gradients": "Gradient norm of each layer",
    "zero-initialisation": "Similarity of the units in each hidden layer",
    "unscaled-input": "Scale of the network's inputs",
    "rows-not-shuffled": "The loss falls within each class and jumps at the next",
    "labels-shuffled": "No better than chance on held-out images",
    "over-fitting": "Training loss falls, validation loss rises",
    "train-test-leak": "Fraction of images that are also training images",
}

# By the wording of a finding; its values fill the placeholders.
EXPLANATIONS: Mapping[str, str] = {
    "not-finite": "A number has exceeded the floating-point range and become infinite or NaN. The "
    "values computed from it become NaN too, so training cannot continue.",
    "learning-rate-too-high": "At a learning rate of {rate}, a step is up to {step} times as large "
    "as the weights it updates, so it overshoots the minimum. The loss rises, and units end up "
    "where the slope of their activation function is 0.",
    "learning-rate-too-low": "At a learning rate of {rate}, each step changes the weights by at "
    "most {step} times their norm, and all steps combined have hardly changed them. The loss is "
    "still falling as it did at the start, just too slowly.",
    "dead-relus": "Dead units output 0 for every image because their weighted sums are always "
    "negative. A ReLU has slope 0 there, so no gradient reaches their weights.",
    "saturated-sigmoids": "Saturated units stay within 1% of either end of their range for nearly "
    "all images, where sigmoid and tanh are flat. The slope is close to 0 there, so the weights "
    "into these units hardly change.",
    "vanishing-gradients": "Each layer multiplies the backpropagated gradient by the slope of its "
    "activation function, which is at most 1/4 for a sigmoid. Little of the gradient reaches the "
    "first layers, so their weights stay close to their initial values.",
    "zero-initialisation": "All units of a hidden layer have the same weights, so they compute the "
    "same output and receive the same gradient. They remain identical, and the layer is no better "
    "than a single unit.",
    "unscaled-input": "The inputs have a root mean square of {scale}, but the initialisation and "
    "the learning rate assume values between 0 and 1. The gradients of the first layer are "
    "proportionally too large, so its updates overshoot.",
    "unscaled-input-small": "The inputs have a root mean square of {scale}, but the initialisation "
    "and the learning rate assume values between 0 and 1. The gradients of the first layer are "
    "proportionally too small, so it hardly learns.",
    "rows-not-shuffled": "The rows are sorted by class, so the network sees a single class for "
    "hundreds of images and learns to predict nothing else. The next class then overwrites what "
    "it has learned.",
    "labels-shuffled": "The images and labels do not match: the mean image of a class does not "
    "predict the class of other images. The network can only memorise individual images, which "
    "does not generalise.",
    "over-fitting": "Since epoch {epoch}, the validation loss has risen while the training loss "
    "has kept falling. The network memorises the training images, including their noise, and "
    "becomes more confident in its wrong predictions.",
    "train-test-leak": "{n_leaked} of the {n} {part} images are also training images, pixel for "
    "pixel. The network can memorise them, so the {part} accuracy is too high.",
}

# By cause.
REMEDIES: Mapping[str, str] = {
    "not-finite": "Use the usual initialisation (initializer he, gain 1) and a lower learning "
    "rate.",
    "learning-rate-too-high": "Lower the learning rate to {new_rate}.",
    "learning-rate-too-low": "Raise the learning rate to {new_rate}.",
    "dead-relus": "Start with biases of 0 and use batch normalisation.",
    "saturated-sigmoids": "Use smaller initial weights and batch normalisation.",
    "vanishing-gradients": "Use an activation function with slope 1 for positive inputs: relu, "
    "with the he initializer.",
    "zero-initialisation": "Use random initial weights: the he initializer, or glorot for sigmoid "
    "and tanh.",
    "unscaled-input": "Scale the pixels to [0, 1]: divide integers from 0 to 255 by 255.",
    "rows-not-shuffled": "Shuffle the rows in each epoch.",
    "labels-shuffled": "Check ten images against their labels, and shuffle images and labels with "
    "the same permutation.",
    "over-fitting": "Stop after epoch {epoch} and use dropout; more training images help most.",
    "train-test-leak": "Evaluate on images that are not in the training data; glassnet evaluate "
    "leaves out those that are.",
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
    "dead": "fraction of the layer's units",
    "saturated_units": "fraction of the layer's units",
    "saturated_activations": "fraction of the layer's activations",
    "unit_similarity": "similarity",
    "input_scale": "root mean square",
    "leaked_share": "fraction of the images",
    # bars
    "inputs": "these inputs",
    "unit_pixels": "pixels in [0, 1]",
    "validation": "validation",
    "test": "test",
    # limits
    "first_loss": "first step",
    "lowest_validation_loss": "minimum",
    "majority": "the most frequent class",
    "max_input_scale": "upper limit",
    "min_input_scale": "lower limit",
    "max_share": "limit",
    "max_leaked_share": "limit",
    "max_similarity": "identical units",
    "min_gradient_norm": "limit",
}
