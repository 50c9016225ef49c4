"""Train, evaluate and save a model with scikit-learn: with_scikit_learn.py FOLDER SEED OUT.

MLPClassifier has no suitable learning rate schedule, so it needs a wider network and more epochs
for the same accuracy. Of the settings tried (128, 160 and 256 units, Adam at 0.001 and 0.002,
gradient descent at 0.1, up to 16 epochs), this one reached 98% first.
"""

import json
import sys
import time
import warnings

import joblib
import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.cold.mnist import read_mnist


def main() -> None:
    """Read MNIST, train, evaluate and save."""
    warnings.simplefilter("ignore")  # ConvergenceWarning
    folder, seed, out = sys.argv[1:]
    X, y, X_test, y_test = read_mnist(folder)
    X, X_test = (images.astype(np.float32) / 255 for images in (X, X_test))
    started = time.perf_counter()
    model = MLPClassifier(
        (256,),
        solver="sgd",
        learning_rate_init=0.1,
        momentum=0.9,
        batch_size=128,
        max_iter=10,
        random_state=int(seed),
    ).fit(X, y)
    seconds = time.perf_counter() - started
    accuracy = model.score(X_test, y_test)
    joblib.dump(model, out)
    sys.stdout.write(json.dumps({"accuracy": accuracy, "training": seconds}))


if __name__ == "__main__":
    main()
