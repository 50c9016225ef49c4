"""scikit-learn, from the shell to a saved and evaluated model: FOLDER SEED OUT.

The network of glassnet's `fast`, trained with Adam for as many epochs as it takes to be as
accurate: at its default rate that was measured to be 20 (see docs/performance.md).
"""

import json
import sys
import time
import warnings

import joblib
import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.cold.mnist import read_mnist
from glassnet.recipes import FAST


def main() -> None:
    """Read, train, evaluate, save."""
    warnings.simplefilter("ignore")  # that it has not converged
    folder, seed, out = sys.argv[1:]
    X, y, X_test, y_test = read_mnist(folder)
    X, X_test = (images.astype(np.float32) / 255 for images in (X, X_test))
    started = time.perf_counter()
    model = MLPClassifier(
        FAST.hidden, batch_size=FAST.batch_size, max_iter=20, random_state=int(seed)
    ).fit(X, y)
    seconds = time.perf_counter() - started
    accuracy = model.score(X_test, y_test)
    joblib.dump(model, out)
    sys.stdout.write(json.dumps({"accuracy": accuracy, "training": seconds}))


if __name__ == "__main__":
    main()
