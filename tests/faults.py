"""Seeded faults: each is applied to a copy of glassnet, and at least one test must then fail.

``python -m tests.faults`` runs all of them, ``python -m tests.faults Adam`` those with Adam in
their name. A fault is one text replacement in one file; the exit status is 1 if any is missed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "glassnet"
TIMEOUT_S = 180  # a run that does not end counts as noticed


@dataclass(frozen=True)
class Fault:
    """A seeded fault.

    Parameters
    ----------
    name : str
        Short description, used to select faults.
    file : str
        Path relative to ``src/glassnet``.
    old, new : str
        Text that occurs exactly once in the file, and its replacement.
    tests : tuple of str
        Test files of which at least one test must fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


ACTIVATIONS = ("tests/nn/test_activations.py",)
AVERAGING = ("tests/nn/test_ema.py",)
BATCH_NORM = ("tests/nn/layers/test_batch_norm.py",)
CHECKPOINT = ("tests/runs/test_checkpoint.py",)
GRADCHECK = ("tests/nn/checking/test_gradient_check.py",)
GRADIENTS = ("tests/nn/test_gradients.py",)
HEALTH = ("tests/nn/monitoring/test_health.py",)
COURSE = ("tests/nn/monitoring/test_epoch_stats.py",)
GIVENS = ("tests/nn/monitoring/test_data_stats.py",)
SCALE = ("tests/nn/layers/test_scale.py",)
SPOILING = ("tests/data/transforms/test_corruption.py",)
RULES = ("tests/diagnosis/test_rules.py",)
DIAGNOSING = ("tests/runs/test_diagnose.py",)
INITIALIZERS = ("tests/nn/test_initializers.py",)
LOSSES = ("tests/nn/test_losses.py",)
MAX_NORM = ("tests/nn/test_max_norm.py",)
NETWORK = ("tests/nn/test_network.py",)
NOISE = ("tests/nn/layers/test_dropout.py",)
OPTIMIZERS = ("tests/nn/test_optimizers.py",)
SCHEDULES = ("tests/nn/test_schedules.py",)
TRAINING = ("tests/nn/test_training.py",)
TRACE = (
    "tests/nn/tracing/test_trace.py",
    "tests/nn/tracing/test_explanation.py",
    "tests/nn/tracing/test_perturbation.py",
)
AUGMENT = ("tests/data/transforms/test_augment.py",)
STROKES = ("tests/data/transforms/test_stroke_width.py",)
DECODING = ("tests/data/handwriting/test_decoding.py",)
STAGES = ("tests/data/handwriting/test_stages.py",)
READING = ("tests/models/test_reading.py",)
DATASET = ("tests/data/test_dataset.py",)
IDX = ("tests/data/readers/test_idx.py",)
TABULAR = ("tests/data/readers/test_csv_table.py",)
VIEWS = ("tests/data/transforms/test_preprocessing.py",)
MODEL_FILES = ("tests/models/test_files.py",)
LEAKS = ("tests/evaluation/test_leaks.py",)
PROVENANCE = ("tests/data/test_image_hash.py",)
SEEN = ("tests/runs/test_training_hashes.py",)
CALIBRATION = ("tests/evaluation/test_calibration.py",)
REPORT = ("tests/evaluation/test_report.py",)
PAGE = (
    "tests/evaluation/html_report/test_line_chart.py",
    "tests/evaluation/html_report/test_confusion.py",
    "tests/evaluation/html_report/test_page.py",
    "tests/evaluation/html_report/test_pictures.py",
)
COMMAND = ("tests/runs/test_command.py",)
HYPERPARAMETERS = ("tests/test_hyperparameters.py",)
RUN = ("tests/runs/test_run.py",)
PARTS = ("tests/runs/test_eval_split.py",)
SLOWDOWNS = ("tests/compute/test_slowdowns.py",)

FAULTS = (
    # Activations.
    Fault(
        "sigmoid's derivative without its first factor",
        "nn/activations.py",
        "da *= a * (1 - a)",
        "da *= 1 - a",
        ACTIVATIONS,
    ),
    Fault(
        "sigmoid by the plain formula, which overflows",
        "nn/activations.py",
        "    e = np.exp(-np.abs(z))\n    a = np.where(z >= 0, 1, e)\n    a /= 1 + e\n",
        "    a = 1 / (1 + np.exp(-z))\n",
        ACTIVATIONS,
    ),
    Fault(
        "tanh's derivative without the square",
        "nn/activations.py",
        "da *= 1 - a * a",
        "da *= 1 - a",
        ACTIVATIONS,
    ),
    Fault(
        "ReLU's derivative with >= 0 for > 0, which is 1 everywhere",
        "nn/activations.py",
        "da *= a > 0",
        "da *= a >= 0",
        ACTIVATIONS,
    ),
    Fault(
        "ReLU with a slope at its kink",
        "nn/activations.py",
        "    a = np.maximum(z, np.zeros(z.shape[-1:], z.dtype), out=z)\n"
        "\n"
        "    def backward(da: Array) -> Array:\n"
        "        da *= a > 0\n",
        "    is_on = z >= 0\n"
        "    a = np.maximum(z, 0)\n"
        "\n"
        "    def backward(da: Array) -> Array:\n"
        "        da *= is_on\n",
        ACTIVATIONS,
    ),
    Fault(
        "ReLU's derivative is not zero for negative inputs",
        "nn/activations.py",
        "da *= a > 0",
        "da *= np.where(a > 0, 1, 0.01)",
        ACTIVATIONS,
    ),
    Fault(
        "softmax's Jacobian without the inner product",
        "nn/activations.py",
        "        dp -= (dp * p).sum(axis=-1, keepdims=True)  # equation 7\n",
        "",
        ACTIVATIONS,
    ),
    Fault(
        "softmax without the shift by the largest logit",
        "nn/activations.py",
        "    z -= z.max(axis=-1, keepdims=True)\n",
        "",
        ACTIVATIONS,
    ),
    Fault(
        "softmax shifted by the largest logit of the whole batch",
        "nn/activations.py",
        "z -= z.max(axis=-1, keepdims=True)",
        "z -= z.max()",
        ACTIVATIONS,
    ),
    # Losses.
    Fault(
        "cross-entropy's gradient without 1/n",
        "nn/losses.py",
        "    p /= n\n",
        "",
        LOSSES,
    ),
    Fault(
        "cross-entropy summed over the batch",
        "nn/losses.py",
        "loss = float((np.log(totals) - shifted_label).sum()) / n",
        "loss = float((np.log(totals) - shifted_label).sum())",
        LOSSES,
    ),
    Fault(
        "cross-entropy shifted by the largest logit of the whole batch",
        "nn/losses.py",
        "shifted -= shifted.max(axis=0)",
        "shifted -= shifted.max()",
        LOSSES,
    ),
    Fault(
        "cross-entropy by the logarithm of a probability",
        "nn/losses.py",
        "loss = float((np.log(totals) - shifted_label).sum()) / n",
        "loss = float(-np.log((p / totals)[labels, np.arange(n)]).mean())",
        LOSSES,
    ),
    Fault(
        "cross-entropy's gradient without the targets for label rows",
        "nn/losses.py",
        "        p -= labels.T\n",
        "        pass\n",
        LOSSES,
    ),
    Fault(
        "squared error's gradient without 1/n",
        "nn/losses.py",
        "dp = distance / n ",
        "dp = distance ",
        LOSSES,
    ),
    Fault(
        "squared error without the half",
        "nn/losses.py",
        "loss = (distance * distance).sum(axis=1).mean() / 2",
        "loss = (distance * distance).sum(axis=1).mean()",
        LOSSES,
    ),
    Fault(
        "squared error averaged over the classes too",
        "nn/losses.py",
        "loss = (distance * distance).sum(axis=1).mean() / 2",
        "loss = (distance * distance).mean() / 2",
        LOSSES,
    ),
    Fault(
        "squared error's gradient without softmax's Jacobian",
        "nn/losses.py",
        "return float(loss), softmax_backward(dp)",
        "return float(loss), dp",
        LOSSES,
    ),
    Fault(
        "squared error overwrites the logits",
        "nn/losses.py",
        "softmax(logits.copy())",
        "softmax(logits)",
        LOSSES,
    ),
    # Layers and the network.
    Fault(
        "W instead of W.T in the backward pass",
        "nn/layers/dense.py",
        "return dz @ W.T if needs_dx",
        "return dz @ W if needs_dx",
        GRADIENTS,
    ),
    Fault(
        "W reshaped, not transposed, in the backward pass",
        "nn/layers/dense.py",
        "return dz @ W.T if needs_dx",
        "return dz @ W.reshape(W.T.shape) if needs_dx",
        GRADIENTS,
    ),
    Fault(
        "x reshaped, not transposed, in the gradient of W",
        "nn/layers/dense.py",
        "np.matmul(x.T, dz,",
        "np.matmul(x.reshape(x.T.shape), dz,",
        GRADIENTS,
    ),
    Fault(
        "no gradient for the biases",
        "nn/layers/dense.py",
        'np.add.reduce(dz, axis=0, out=grads["b"])',
        'grads["b"][...] = 0',
        GRADIENTS,
    ),
    Fault(
        "gradient of the biases averaged, not summed",
        "nn/layers/dense.py",
        'np.add.reduce(dz, axis=0, out=grads["b"])',
        'np.mean(dz, axis=0, out=grads["b"])',
        GRADIENTS,
    ),
    Fault(
        "backward pass without the activation's derivative",
        "nn/layers/dense.py",
        "dz = activation_backward(da)",
        "dz = da",
        GRADIENTS,
    ),
    Fault(
        "gradients accumulated over batches",
        "nn/layers/dense.py",
        'np.matmul(x.T, dz, out=grads["W"])',
        'grads["W"] += x.T @ dz',
        NETWORK,
    ),
    Fault(
        "gradient array rebound, not written in place",
        "nn/layers/dense.py",
        'np.matmul(x.T, dz, out=grads["W"])',
        'grads["W"] = x.T @ dz',
        GRADIENTS,
    ),
    Fault(
        "no biases in the forward pass",
        "nn/layers/dense.py",
        "        z += b\n",
        "        pass\n",
        NETWORK,
    ),
    Fault(
        "a layer overwrites its input",
        "nn/layers/dense.py",
        "    z = x @ W  # equation 1\n",
        "    z = x @ W\n    x[...] = 0\n",
        NETWORK,
    ),
    Fault(
        "ReLU on the logits",
        "nn/mlp.py",
        "layers.append(Dense(n_in, n_out, initializer=initializer))",
        'layers.append(Dense(n_in, n_out, "relu", initializer=initializer))',
        NETWORK,
    ),
    Fault(
        "logits returned as probabilities",
        "nn/network.py",
        "probabilities[batch], _ = softmax(logits)",
        "probabilities[batch] = logits",
        NETWORK,
    ),
    # Initial weights.
    Fault(
        "He's variance without its 2",
        "nn/initializers.py",
        "math.sqrt(2 / n_in)",
        "math.sqrt(1 / n_in)",
        INITIALIZERS,
    ),
    Fault(
        "Glorot's variance used as the standard deviation",
        "nn/initializers.py",
        "math.sqrt(2 / (n_in + n_out))",
        "2 / (n_in + n_out)",
        INITIALIZERS,
    ),
    Fault(
        "all units with the same initial weights",
        "nn/initializers.py",
        "rng.normal(0.0, standard_deviation, W.shape)",
        "rng.normal(0.0, standard_deviation, (len(W), 1))",
        INITIALIZERS,
    ),
    Fault(
        "non-zero initial biases",
        "nn/layers/dense.py",
        '"b": np.zeros(self.n_out, dtype)',
        '"b": np.full(self.n_out, 0.1, dtype)',
        INITIALIZERS,
    ),
    # Input validation.
    Fault(
        "images not divided by 255",
        "nn/validation.py",
        "np.divide(rows, 255, dtype=dtype)",
        "np.divide(rows, 1, dtype=dtype)",
        NETWORK,
    ),
    Fault(
        "images divided by 256",
        "nn/validation.py",
        "np.divide(rows, 255, dtype=dtype)",
        "np.divide(rows, 256, dtype=dtype)",
        NETWORK,
    ),
    Fault(
        "NaN or infinite pixels accepted",
        "nn/validation.py",
        'if rows.dtype.kind == "f" and not 0 <= lowest <= highest <= 1:',
        'if rows.dtype.kind == "f" and (lowest < 0 or highest > 1):',
        NETWORK,
    ),
    Fault(
        "only the first images validated",
        "nn/validation.py",
        "rows = np.array([_extremes(rows[start : start + BLOCK_SIZE]) for start in starts])",
        "rows = np.array([_extremes(rows[start : start + BLOCK_SIZE]) for start in starts[:1]])",
        NETWORK,
    ),
    # Slowdowns.
    Fault(
        "doctor reports a kernel of equal speed",
        "compute/slowdowns.py",
        "if is_same or gain < MIN_GAIN:\n",
        "if is_same:\n",
        SLOWDOWNS,
    ),
    Fault(
        "doctor measures threads with a kernel that cannot run",
        "compute/slowdowns.py",
        "measure((*left_out, *setting))",
        "measure(setting)",
        SLOWDOWNS,
    ),
    # Optimisers.
    Fault(
        "weight decay on the biases",
        "nn/optimizers.py",
        "return theta.ndim > 1",
        "return theta.ndim > 0",
        OPTIMIZERS,
    ),
    Fault(
        "weight decay's gradient doubled",
        "nn/optimizers.py",
        "np.multiply(theta, weight_decay,",
        "np.multiply(theta, 2 * weight_decay,",
        OPTIMIZERS,
    ),
    Fault(
        "momentum scales the gradient by 1 - mu",
        "nn/optimizers.py",
        "v += g  # equation 21",
        "v += (1 - self.momentum) * g  # equation 21",
        OPTIMIZERS,
    ),
    Fault(
        "Nesterov momentum with the old velocity",
        "nn/optimizers.py",
        "np.multiply(v, self.momentum, out=scratch)",
        "np.subtract(v, g, out=scratch)",
        OPTIMIZERS,
    ),
    Fault(
        "parameters rebound, not updated in place",
        "nn/optimizers.py",
        "theta -= np.multiply(g, learning_rate, out=scratch)",
        "params[name] = theta - np.multiply(g, learning_rate, out=scratch)",
        OPTIMIZERS,
    ),
    Fault(
        "Adam's first moment without bias correction",
        "nn/optimizers.py",
        "m_factor = (1 - self.beta1) / (1 - self.beta1**t)",
        "m_factor = 1 - self.beta1",
        OPTIMIZERS,
    ),
    Fault(
        "Adam's second moment without bias correction",
        "nn/optimizers.py",
        "v_root = math.sqrt((1 - self.beta2) / (1 - self.beta2**t))",
        "v_root = math.sqrt(1 - self.beta2)",
        OPTIMIZERS,
    ),
    Fault(
        "Adam's eps inside the square root",
        "nn/optimizers.py",
        "            np.sqrt(v_sum, out=scratch)\n            scratch += self.eps / v_root\n",
        "            np.sqrt(v_sum + self.eps / v_root**2, out=scratch)\n",
        OPTIMIZERS,
    ),
    Fault(
        "Adam's betas swapped",
        "nn/optimizers.py",
        "        for name, theta in params.items():\n"
        '            m_sum, v_sum = state["m_sum"][name], state["v_sum"][name]\n',
        "        self = Adam(self.beta2, self.beta1, self.eps, self.weight_decay)\n"
        "        for name, theta in params.items():\n"
        '            m_sum, v_sum = state["m_sum"][name], state["v_sum"][name]\n',
        OPTIMIZERS,
    ),
    Fault(
        "AdamW's decay added to the gradient",
        "nn/optimizers.py",
        "        for theta in params.values():\n"
        "            if is_decayed(theta):\n"
        "                theta *= 1 - learning_rate * self.weight_decay  # equation 26\n"
        "        self._adam().update(params, grads, state, learning_rate=learning_rate)\n"
        "\n"
        "    def _adam(self) -> Adam:\n"
        "        return Adam(self.beta1, self.beta2, self.eps)\n",
        "        self._adam().update(params, grads, state, learning_rate=learning_rate)\n"
        "\n"
        "    def _adam(self) -> Adam:\n"
        "        return Adam(self.beta1, self.beta2, self.eps, self.weight_decay)\n",
        OPTIMIZERS,
    ),
    Fault(
        "AdamW's decay without the learning rate",
        "nn/optimizers.py",
        "theta *= 1 - learning_rate * self.weight_decay",
        "theta *= 1 - self.weight_decay",
        OPTIMIZERS,
    ),
    # Schedules.
    Fault(
        "no warm-up",
        "nn/schedules.py",
        "if step < n_warmup:",
        "if step < 0:",
        SCHEDULES,
    ),
    Fault(
        "warm-up from a rate of zero",
        "nn/schedules.py",
        "return learning_rate * (step + 1) / n_warmup",
        "return learning_rate * step / n_warmup",
        SCHEDULES,
    ),
    Fault(
        "step decay one step early",
        "nn/schedules.py",
        "factor ** (step // every)",
        "factor ** ((step + 1) // every)",
        SCHEDULES,
    ),
    # Training.
    Fault(
        "the same order of rows in every epoch",
        "nn/training.py",
        "else rng.permutation(n_samples)",
        "else np.random.default_rng(0).permutation(n_samples)",
        TRAINING,
    ),
    Fault(
        "rows not shuffled at all",
        "nn/training.py",
        "else rng.permutation(n_samples)",
        "else np.arange(n_samples)",
        TRAINING,
    ),
    Fault(
        "rows drawn with replacement",
        "nn/training.py",
        "else rng.permutation(n_samples)",
        "else rng.integers(n_samples, size=n_samples)",
        TRAINING,
    ),
    Fault(
        "last partial batch skipped",
        "nn/training.py",
        "for start in range(0, n_samples, batch_size):",
        "for start in range(0, max(1, n_samples - batch_size + 1), batch_size):",
        TRAINING,
    ),
    Fault(
        "labels shifted against the images of a batch",
        "nn/training.py",
        "self.labels.take(rows, axis=0)",
        "self.labels.take(rows - 1, axis=0)",
        TRAINING,
    ),
    Fault(
        "running mean weights a partial batch like a full one",
        "nn/monitoring/monitor.py",
        "self.stats.total_loss += value * len(logits)",
        "self.stats.total_loss += value * len(self.batches[0])",
        TRAINING,
    ),
    Fault(
        "schedule evaluated one step late",
        "nn/training.py",
        "learning_rate=self.schedule(step),\n",
        "learning_rate=self.schedule(step + 1),\n",
        TRAINING,
    ),
    Fault(
        "a non-finite loss not detected",
        "nn/monitoring/monitor.py",
        "            if not math.isfinite(value):\n",
        "            if math.isinf(value):\n",
        TRAINING,
    ),
    Fault(
        "a non-finite parameter not detected",
        "nn/monitoring/monitor.py",
        "if not all(np.isfinite(theta).all() for theta in self._network.params.values()):",
        "if not self._network.params:",
        TRAINING,
    ),
    Fault(
        "validation images used for training",
        "nn/training.py",
        "        self._grads = self.network.empty_grads()\n",
        "        self._grads = self.network.empty_grads()\n"
        "        if self.validation is not None:\n"
        "            self.images = np.concatenate([self.images, self.validation[0]])\n"
        "            self.labels = np.concatenate([self.labels, self.validation[1]])\n",
        TRAINING,
    ),
    Fault(
        "validation weights a partial batch like a full one",
        "nn/monitoring/evaluation.py",
        "[0] * len(logits)",
        "[0] * batch_size",
        TRAINING,
    ),
    Fault(
        "a unit that is inactive for one image counts as dead",
        "nn/monitoring/health.py",
        "is_zero(a).all(axis=0)",
        "is_zero(a).any(axis=0)",
        HEALTH,
    ),
    # Layers that differ in inference, moving averages, and their state in checkpoints.
    Fault(
        "batch norm's gradient without the term of the mean",
        "nn/layers/batch_norm.py",
        "                along += dbeta\n",
        "",
        BATCH_NORM,
    ),
    Fault(
        "batch norm's gradient without the term of the variance",
        "nn/layers/batch_norm.py",
        "along = x_hat * dgamma\n",
        "along = x_hat * 0\n",
        GRADIENTS,
    ),
    Fault(
        "batch norm's gradient of inference in training",
        "nn/layers/batch_norm.py",
        "            if training:  # mean",
        "            if False:  # mean",
        GRADIENTS,
    ),
    Fault(
        "batch norm's gradient without gamma",
        "nn/layers/batch_norm.py",
        'dz *= params["gamma"] * per_sigma',
        "dz *= per_sigma",
        GRADIENTS,
    ),
    Fault(
        "gamma's gradient is that of beta",
        "nn/layers/batch_norm.py",
        'np.einsum("ij,ij->j", dz, x_hat, out=grads["gamma"])',
        'np.add.reduce(dz, axis=0, out=grads["gamma"])',
        GRADIENTS,
    ),
    Fault(
        "running mean not updated",
        "nn/layers/batch_norm.py",
        '            _update_running(buffers["mean"], mean)\n',
        "",
        BATCH_NORM,
    ),
    Fault(
        "running statistics are rebound",
        "nn/layers/batch_norm.py",
        '            _update_running(buffers["mean"], mean)\n',
        '            buffers["mean"] = (1 - MOMENTUM) * buffers["mean"] + MOMENTUM * mean\n',
        BATCH_NORM,
    ),
    Fault(
        "running variance without Bessel's correction",
        "nn/layers/batch_norm.py",
        "variance * (n / (n - 1)))",
        "variance)",
        BATCH_NORM,
    ),
    Fault(
        "batches normalised by the corrected variance",
        "nn/layers/batch_norm.py",
        'variance = np.einsum("ij,ij->j", x_hat, x_hat) / n\n',
        'variance = np.einsum("ij,ij->j", x_hat, x_hat) / max(1, n - 1)\n',
        BATCH_NORM,
    ),
    Fault(
        "batch norm's momentum reversed",
        "nn/layers/batch_norm.py",
        "MOMENTUM = 0.1 ",
        "MOMENTUM = 0.9 ",
        BATCH_NORM,
    ),
    Fault(
        "running variance updated by a batch of one image",
        "nn/layers/batch_norm.py",
        (
            "            if n > 1:  # a single sample has no spread\n               "
            ' _update_running(buffers["variance"], variance * (n / (n - 1)))'
        ),
        (
            '            if n > 0:\n                _update_running(buffers["varianc'
            'e"], variance * (n / max(1, n - 1)))'
        ),
        BATCH_NORM,
    ),
    Fault(
        "batch statistics used in inference",
        "nn/layers/batch_norm.py",
        'mean = np.add.reduce(x, axis=0) / n if training else buffers["mean"]',
        "mean = np.add.reduce(x, axis=0) / n",
        BATCH_NORM,
    ),
    Fault(
        "batch norm accepted at any position",
        "nn/layers/batch_norm.py",
        '        if not isinstance(dense, Dense) or dense.activation != "identity":\n',
        "        if not isinstance(dense, Dense):\n",
        BATCH_NORM,
    ),
    Fault(
        "batch norm fused without the mean",
        "nn/layers/batch_norm.py",
        '(before[0].params["b"] - own.buffers["mean"]) * scale',
        'before[0].params["b"] * scale',
        BATCH_NORM,
    ),
    Fault(
        "batch norm fused without the activation",
        "nn/layers/batch_norm.py",
        "replace(dense, activation=self.activation)",
        "replace(dense)",
        BATCH_NORM,
    ),
    Fault(
        "dropout not scaled",
        "nn/layers/dropout.py",
        "65_536 / (65_536 - n_zeroed)",
        "1.0",
        NOISE,
    ),
    Fault(
        "dropout keeps the units to drop",
        "nn/layers/dropout.py",
        "x.shape, dtype=np.uint16) >= n_zeroed",
        "x.shape, dtype=np.uint16) < n_zeroed",
        NOISE,
    ),
    Fault(
        "dropout with one mask for the whole batch",
        "nn/layers/dropout.py",
        "65_536, x.shape, dtype",
        "65_536, x.shape[1:], dtype",
        NOISE,
    ),
    Fault(
        "dropout's gradient without the mask",
        "nn/layers/dropout.py",
        "return np.multiply(da, factor, out=da) if needs_dx else None",
        "return da if needs_dx else None",
        GRADIENTS,
    ),
    Fault(
        "dropout active in inference",
        "nn/layers/dropout.py",
        (
            "        if not training:\n            return x, pass_through\n        rn"
            "g = require_rng(rng)\n        # 16 random"
        ),
        "        if rng is None:\n            rng = np.random.default_rng(0)\n        # 16 random",
        NOISE,
    ),
    Fault(
        "dropout overwrites its input",
        "nn/layers/dropout.py",
        "return x * factor, backward",
        "x *= factor\n        return x, backward",
        NOISE,
    ),
    Fault(
        "noise of the wrong standard deviation",
        "nn/layers/gaussian_noise.py",
        "a *= self.standard_deviation\n",
        "a *= self.standard_deviation**2\n",
        NOISE,
    ),
    Fault(
        "the same noise at every step",
        "nn/training.py",
        "loss=loss, rng=self.noise)",
        "loss=loss, rng=np.random.default_rng(0))",
        NOISE,
    ),
    Fault(
        "noise drawn from the generator for shuffling",
        "nn/training.py",
        "loss=loss, rng=self.noise)",
        "loss=loss, rng=self.rng)",
        NOISE,
    ),
    Fault(
        "distortions drawn from the generator for noise",
        "nn/training.py",
        "self.augment(x, self.distortion,",
        "self.augment(x, self.noise,",
        NOISE,
    ),
    Fault(
        "layers in inference mode during training",
        "nn/training.py",
        "loss=loss, rng=self.noise)",
        "loss=loss, rng=self.noise, training=False)",
        NOISE,
    ),
    Fault(
        "smoothed labels that do not sum to 1",
        "nn/losses.py",
        "y += smoothing / n_classes",
        "y += smoothing",
        NOISE,
    ),
    Fault(
        "smoothed labels keep a probability of 1",
        "nn/losses.py",
        "    y *= 1 - smoothing\n",
        "",
        NOISE,
    ),
    Fault(
        "label smoothing ignored in training",
        "nn/training.py",
        "        if not self.label_smoothing:\n",
        "        if True:\n",
        NOISE,
    ),
    Fault(
        "GELU's derivative without its second term",
        "nn/activations.py",
        "        slope *= 1 - t * t\n",
        "        slope *= 0\n",
        ACTIVATIONS,
    ),
    Fault(
        "GELU's constant off by a digit",
        "nn/activations.py",
        "0.044715\n",
        "0.044751\n",
        ACTIVATIONS,
    ),
    Fault(
        "moving average never updated",
        "nn/training.py",
        "        if self.average is not None and self.ema_decay is not None:\n",
        "        if False:\n",
        AVERAGING,
    ),
    Fault(
        "moving average without the buffers",
        "nn/training.py",
        (
            "            update_ema(self.average.buffers, self.network.buffers, sel"
            "f.ema_decay, step)\n"
        ),
        "",
        AVERAGING,
    ),
    Fault(
        "moving average without warm-up of its decay",
        "nn/optimizers.py",
        "d = min(decay, (1 + step) / (10 + step))",
        "d = decay",
        AVERAGING,
    ),
    Fault(
        "the network evaluated, not its moving average",
        "nn/training.py",
        "            self.trained,\n",
        "            self.network,\n",
        AVERAGING,
    ),
    Fault(
        "moving average shares the network's arrays",
        "nn/network.py",
        "return self._with_arrays(np.copy)",
        "return self._with_arrays(np.asarray)",
        AVERAGING,
    ),
    Fault(
        "max-norm on rows, not on columns",
        "nn/optimizers.py",
        'length = np.sqrt(np.einsum("ij,ij->j", theta, theta))',
        'length = np.sqrt(np.einsum("ij,ij->i", theta, theta))[:, None]',
        MAX_NORM,
    ),
    Fault(
        "max-norm scales up short columns",
        "nn/optimizers.py",
        "self.limit / np.maximum(length, self.limit)",
        "self.limit / np.maximum(length, 1e-9)",
        MAX_NORM,
    ),
    Fault(
        "max-norm on vectors",
        "nn/optimizers.py",
        "            if is_decayed(theta):\n"
        '                length = np.sqrt(np.einsum("ij,ij->j", theta, theta))\n',
        "            if True:\n                length = np.sqrt((theta * theta).sum(axis=0))\n",
        MAX_NORM,
    ),
    Fault(
        "one-cycle rises one step too long",
        "nn/schedules.py",
        "top = pct_start * n_steps - 1 ",
        "top = pct_start * n_steps ",
        SCHEDULES,
    ),
    Fault(
        "one-cycle ends where it began",
        "nn/schedules.py",
        "learning_rate / div_factor, learning_rate / div_factor / final_div_factor",
        "learning_rate / div_factor, learning_rate / div_factor",
        SCHEDULES,
    ),
    Fault(
        "buffers missing from the checkpoint",
        "nn/training.py",
        '{"params": network.params, "buffers": network.buffers}',
        '{"params": network.params}',
        CHECKPOINT,
    ),
    Fault(
        "moving average missing from the checkpoint",
        "nn/training.py",
        "{} if self.average is None else _arrays(self.average)",
        "{}",
        CHECKPOINT,
    ),
    Fault(
        "state of the noise not restored from the checkpoint",
        "nn/training.py",
        '        self.noise.bit_generator.state = generators["noise"]\n',
        "",
        CHECKPOINT,
    ),
    Fault(
        "state of the distortions not restored from the checkpoint",
        "nn/training.py",
        '        self.distortion.bit_generator.state = generators["distortion"]\n',
        "",
        CHECKPOINT,
    ),
    Fault(
        "gradient checker draws new noise for each loss",
        "nn/checking/finite_differences.py",
        "np.random.default_rng(self.seed)",
        "np.random.default_rng()",
        GRADCHECK,
    ),
    Fault(
        "gradient checker changes the buffers",
        "nn/network.py",
        "buffers={letter: convert(kept) for letter, kept in bound.buffers.items()},",
        "buffers=bound.buffers,",
        GRADCHECK,
    ),
    # The gradient checker.
    Fault(
        "every disagreement counted as a kink",
        "nn/checking/gradient_check.py",
        "if slope is not None:",
        "if slope is not None and abs(slope - gradient[index]) < 1e-4:",
        GRADCHECK,
    ),
    Fault(
        "kinks not recognised",
        "nn/checking/finite_differences.py",
        'if getattr(layer, "activation", None) in KINKED:',
        'if getattr(layer, "activation", None) in ():',
        GRADCHECK,
    ),
    Fault(
        "finite difference divided by half its width",
        "nn/checking/finite_differences.py",
        "return (loss_above - loss_below) / (2 * eps)",
        "return (loss_above - loss_below) / eps",
        GRADCHECK,
    ),
    Fault(
        "gradient checker leaves perturbed parameters",
        "nn/checking/finite_differences.py",
        "        theta[...] = kept\n",
        "",
        GRADCHECK,
    ),
    # Data.
    Fault(
        "held-out images left in the training set",
        "data/dataset.py",
        "return split.take(~is_held), split.take(is_held)",
        "return split, split.take(is_held)",
        DATASET,
    ),
    Fault(
        "test images used for training",
        "data/dataset.py",
        "train, test = _hold_out(train, test_fraction,",
        "_, test = _hold_out(train, test_fraction,",
        DATASET,
    ),
    Fault(
        "held-out images not stratified by class",
        "data/dataset.py",
        "    return np.concatenate([np.empty(0, int), *drawn])\n",
        "    return rng.permutation(len(labels))[: takes.sum()]\n",
        DATASET,
    ),
    Fault(
        "first rows of each class held out, not random ones",
        "data/dataset.py",
        "rng.permutation(np.flatnonzero(labels == c))[:k]",
        "np.flatnonzero(labels == c)[:k]",
        DATASET,
    ),
    Fault(
        "labels shifted by one row",
        "data/dataset.py",
        "return Split(self.images[rows], self.labels[rows])",
        "return Split(self.images[rows], np.roll(self.labels[rows], 1))",
        DATASET,
    ),
    Fault(
        "IDX sizes read as little-endian",
        "data/readers/idx.py",
        'f">{n_dimensions}I"',
        'f"<{n_dimensions}I"',
        IDX,
    ),
    Fault(
        "images of a table transposed",
        "data/readers/csv_table.py",
        "return images.reshape(shape)\n",
        "return images.reshape(shape).transpose(0, 2, 1)\n",
        TABULAR,
    ),
    # Distortions and preprocessing.
    Fault(
        "two of the four pixels swap their weights",
        "data/transforms/warp.py",
        "(1, up * right), (wide, down * back)",
        "(1, down * back), (wide, up * right)",
        AUGMENT,
    ),
    Fault(
        "warp wraps around at the border",
        "data/transforms/warp.py",
        "columns = np.clip(columns.reshape(n_warps, height * width) + MARGIN, 0, wide - 1.001)",
        "columns = (columns.reshape(n_warps, height * width) + MARGIN) % (wide - 1.001)",
        AUGMENT,
    ),
    Fault(
        "distorted grey values truncated, not rounded",
        "data/transforms/warp.py",
        '    if x.dtype.kind in "iu":\n        np.rint(result, out=result)\n',
        "",
        AUGMENT,
    ),
    Fault(
        "one distortion per image, ignoring the group",
        "data/transforms/augment.py",
        "        n_warps = -(-len(x) // self.group)\n"
        "        x = warp(x, self.shape, *self.draw(n_warps, rng, strength), self.group)\n",
        "        n_warps = len(x)\n"
        "        x = warp(x, self.shape, *self.draw(len(x), rng, strength))\n",
        AUGMENT,
    ),
    Fault(
        "elastic displacement in each direction as large as in both",
        "data/transforms/augment.py",
        "blurs[0] *= self.elastic / math.sqrt(2)",
        "blurs[0] *= self.elastic",
        AUGMENT,
    ),
    Fault(
        "elastic distortion weaker at the border",
        "data/transforms/augment.py",
        "blur /= np.sqrt((blur**2).sum(axis=1, keepdims=True))",
        "blur /= np.sqrt((blur**2).sum(axis=1).max())",
        AUGMENT,
    ),
    Fault(
        "strokes thickened only vertically",
        "data/transforms/stroke_width.py",
        "np.maximum(brightest[:, :, 1:], column[:, :, :-1], out=brightest[:, :, 1:])",
        "pass",
        STROKES,
    ),
    Fault(
        "thinning thickens strokes",
        "data/transforms/stroke_width.py",
        "sign = np.where(shares < 0, -1, 1)",
        "sign = np.where(shares < 0, 1, 1)",
        STROKES,
    ),
    Fault(
        "stroke width ignores the strength of the distortions",
        "data/transforms/augment.py",
        "shares = strength * self.stroke_width",
        "shares = self.stroke_width",
        STROKES,
    ),
    Fault(
        "deskewing doubles the slant",
        "data/transforms/preprocessing.py",
        "leaning = slope[:, None] * y",
        "leaning = -slope[:, None] * y",
        VIEWS,
    ),
    Fault(
        "width of a digit includes the faintest ink",
        "data/transforms/preprocessing.py",
        "np.maximum(1, highest // 2 + highest % 2)",
        "1",
        VIEWS,
    ),
    Fault(
        "whole-pixel shift wraps around at the border",
        "data/transforms/preprocessing.py",
        "np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))",
        'np.pad(images, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)), mode="wrap")',
        VIEWS,
    ),
    # Pictures of handwriting.
    Fault(
        "transparent pictures always composited onto black",
        "data/handwriting/decoding.py",
        "ground = 0 if is_bright and has_holes else 255",
        "ground = 0",
        DECODING,
    ),
    Fault(
        "EXIF rotation ignored",
        "data/handwriting/decoding.py",
        "grey = _to_grey(ImageOps.exif_transpose(_reduced(image, factor)))",
        "grey = _to_grey(_reduced(image, factor))",
        DECODING,
    ),
    Fault(
        "no illumination correction",
        "data/handwriting/binarize.py",
        "    return 255 - cv2.divide(grey, np.maximum(light, 16), scale=255)",
        "    return 255 - grey",
        STAGES,
    ),
    Fault(
        "tilted sheet rotated the wrong way",
        "data/handwriting/sheet.py",
        "((width - 1) / 2, (height - 1) / 2), angle, 1)",
        "((width - 1) / 2, (height - 1) / 2), -angle, 1)",
        STAGES,
    ),
    Fault(
        "ruled lines removed together with the strokes that cross them",
        "data/handwriting/ruling.py",
        "is_line[labels] & ~strokes",
        "is_line[labels]",
        STAGES,
    ),
    Fault(
        "digit centred by its bounding box, not its centre of mass",
        "data/handwriting/digit.py",
        "    middle_y = box.sum(axis=1, dtype=float) @ np.arange(height) / mass",
        "    middle_y = (height - 1) / 2 + 0 * mass",
        STAGES,
    ),
    Fault(
        "lines read from bottom to top",
        "data/handwriting/components.py",
        "lines.sort(key=lambda line: np.mean(",
        "lines.sort(key=lambda line: -np.mean(",
        READING,
    ),
    Fault(
        "an unsure digit is reported anyway",
        "models/reading.py",
        "digit = best if is_sure else None",
        "digit = best",
        READING,
    ),
    Fault(
        "boxes in pixels of the reduced picture",
        "data/handwriting/document.py",
        "scale = full_width / grey.shape[1]",
        "scale = 1.0",
        STAGES,
    ),
    # Model files.
    Fault(
        "a bias missing from the model file",
        "models/description.py",
        "kept = network.params if stored is None else compress(network.params, stored)",
        'kept = {k: W for k, W in network.params.items() if k != "b1"}',
        MODEL_FILES,
    ),
    Fault(
        "weights saved in memory order",
        "tensors.py",
        "np.ascontiguousarray(array)",
        "array.ravel('K').reshape(array.shape)",
        MODEL_FILES,
    ),
    Fault(
        "bytes of a model file not reproducible",
        "tensors.py",
        "json.dumps(description, sort_keys=True)}",
        'json.dumps(description, sort_keys=True), "by": "glassnet", "of": "digits"}',
        MODEL_FILES,
    ),
    Fault(
        "a newer format accepted",
        "tensors.py",
        "if version > newest:",
        "if version > newest + 1:",
        MODEL_FILES,
    ),
    # The HTML report.
    Fault(
        "unescaped text",
        "evaluation/html_report/html_markup.py",
        "part if isinstance(part, Html) else escape(part) for part in parts",
        "part for part in parts",
        PAGE,
    ),
    Fault(
        "unescaped attributes",
        "evaluation/html_report/html_markup.py",
        "else escape(str(value))",
        "else str(value)",
        PAGE,
    ),
    Fault(
        "confusion matrix flipped",
        "evaluation/html_report/confusion.py",
        "n = int(counts[label, prediction])",
        "n = int(counts[prediction, label])",
        PAGE,
    ),
    Fault(
        "least confident mistakes first in the report",
        "evaluation/html_report/examples.py",
        "confidence[found] if is_correct else -confidence[found]",
        "confidence[found]",
        PAGE,
    ),
    Fault(
        "excluded images shown in the report",
        "evaluation/html_report/examples.py",
        "rows[(labels[rows] == label) & (predictions[rows] == prediction)]",
        "np.flatnonzero((labels == label) & (predictions == prediction))",
        PAGE,
    ),
    Fault(
        "images not inverted",
        "evaluation/html_report/pictures.py",
        "255 - np.asarray(image, np.uint8)",
        "np.asarray(image, np.uint8)",
        PAGE,
    ),
    Fault(
        "a logarithmic axis without the logarithm",
        "evaluation/html_report/line_chart.py",
        "scale = math.log if self.is_log else float",
        "scale = float",
        PAGE,
    ),
    Fault(
        "a bar of the wrong height in the reliability diagram",
        "evaluation/html_report/reliability.py",
        "height=_y(0) - top",
        "height=_y(0) - gap",
        PAGE,
    ),
    Fault(
        "command without the seed",
        "runs/command.py",
        'words += ["--seed", str(config.seed)]',
        "words += []",
        COMMAND,
    ),
    Fault(
        "command without the user's epochs",
        "runs/command.py",
        'changes["epochs"] = str(recipe.epochs)',
        "changes = {}",
        COMMAND,
    ),
    Fault(
        "a hyper-parameter may equal its exclusive limit",
        "hyperparameters.py",
        "self.above < value < self.below",
        "self.above < value <= self.below",
        HYPERPARAMETERS,
    ),
    Fault(
        "a configuration is checked without its hyper-parameters",
        "runs/config.py",
        "        declared.check(getattr(recipe, name))",
        "        declared.range",
        HYPERPARAMETERS,
    ),
    Fault(
        "command without a changed setting of an option",
        "hyperparameters.py",
        "changed = {n: v for n, v in numbers.items() if v != usual[n]}",
        "changed = {n: v for n, v in numbers.items() if v == usual[n]}",
        HYPERPARAMETERS,
    ),
    # Evaluation.
    Fault(
        "confusion matrix transposed",
        "evaluation/report.py",
        "np.add.at(confusion, (labels[rows], probabilities[rows].argmax(axis=1)), 1)",
        "np.add.at(confusion, (probabilities[rows].argmax(axis=1), labels[rows]), 1)",
        REPORT,
    ),
    Fault(
        "confusion matrix counts each pair once",
        "evaluation/report.py",
        "np.add.at(confusion, (labels[rows], probabilities[rows].argmax(axis=1)), 1)",
        "confusion[labels[rows], probabilities[rows].argmax(axis=1)] += 1",
        REPORT,
    ),
    Fault(
        "precision and recall swapped",
        "evaluation/class_score.py",
        "n_correct / n_predicted if n_predicted else None,\n"
        "        recall=n_correct / n if n else None,",
        "n_correct / n if n else None,\n"
        "        recall=n_correct / n_predicted if n_predicted else None,",
        REPORT,
    ),
    Fault(
        "F1 as the plain mean of precision and recall",
        "evaluation/class_score.py",
        "2 * n_correct / (n_predicted + n) if n_predicted + n else None",
        "(n_correct / n_predicted + n_correct / n) / 2 if n_predicted and n else None",
        REPORT,
    ),
    Fault(
        "Wilson's interval with the z of 90%",
        "evaluation/wilson.py",
        "Z_95 = 1.959963984540054",
        "Z_95 = 1.6448536269514722",
        REPORT,
    ),
    Fault(
        "loss of the predicted class, not of the true one",
        "evaluation/report.py",
        "of_truth = probabilities[rows, labels[rows]]",
        "of_truth = probabilities[rows].max(axis=1)",
        REPORT,
    ),
    Fault(
        "the least confident mistakes first",
        "evaluation/mistake.py",
        "np.argsort(-confidence,",
        "np.argsort(confidence,",
        REPORT,
    ),
    Fault(
        "seen and unseen images swapped",
        "evaluation/report.py",
        "np.flatnonzero(~np.isin(",
        "np.flatnonzero(np.isin(",
        LEAKS,
    ),
    Fault(
        "a mistake's row is counted among the unseen images alone",
        "evaluation/mistake.py",
        "            int(i), int(labels[i])",
        "            int(np.searchsorted(rows, i)), int(labels[i])",
        LEAKS,
    ),
    Fault(
        "the second half of a hash repeats the first",
        "data/image_hash.py",
        "| sums[:, 1] >> np.uint64(32)",
        "| sums[:, 0] >> np.uint64(32)",
        PROVENANCE,
    ),
    Fault(
        "a hash of the lower halves, where high bytes vanish",
        "data/image_hash.py",
        "| sums[:, 1] >> np.uint64(32)",
        "| sums[:, 1] & np.uint64(0xFFFFFFFF)",
        PROVENANCE,
    ),
    Fault(
        "validation images not counted as seen",
        "data/image_hash.py",
        'for part in ("train", "validation") if',
        'for part in ("train",) if',
        PROVENANCE,
    ),
    Fault(
        "validation images missing from the training hashes",
        "runs/training_hashes.py",
        "image_hashes.hashes.get(part, none)",
        'image_hashes.hashes.get("train", none)',
        SEEN,
    ),
    # Calibration.
    Fault(
        "confidence at an edge assigned to the bin above",
        "evaluation/reliability_bin.py",
        "np.searchsorted(edges[1:], confidence)",
        'np.searchsorted(edges[1:], confidence, side="right")',
        CALIBRATION,
    ),
    Fault(
        "calibration error over the bins, not the images",
        "evaluation/reliability_bin.py",
        "return sum(gaps) / sum(b.n for b in bins)",
        "return sum(gaps) / len(bins)",
        CALIBRATION,
    ),
    Fault(
        "calibration gaps of opposite sign cancel",
        "evaluation/reliability_bin.py",
        "b.n * abs(b.accuracy - b.confidence)",
        "b.n * (b.accuracy - b.confidence)",
        CALIBRATION,
    ),
    Fault(
        "confidence of the true class, not of the predicted one",
        "evaluation/reliability_bin.py",
        "confidence = probabilities.max(axis=1).astype(float)",
        "confidence = probabilities[np.arange(len(labels)), labels].astype(float)",
        CALIBRATION,
    ),
    Fault(
        "temperature inverted",
        "evaluation/calibration.py",
        "return 2 / (low + high)",
        "return (low + high) / 2",
        CALIBRATION,
    ),
    Fault(
        "temperature's mean logit not normalised",
        "evaluation/calibration.py",
        "((q * z).sum(axis=1) / q.sum(axis=1)).mean()",
        "(q * z).sum(axis=1).mean()",
        CALIBRATION,
    ),
    Fault(
        "a probability of 0 has a logarithm of minus infinity",
        "evaluation/calibration.py",
        "np.log(np.maximum(probabilities, np.finfo(probabilities.dtype).tiny), dtype=float)",
        "np.log(probabilities, dtype=float)",
        CALIBRATION,
    ),
    Fault(
        "threshold rejects one image too many",
        "evaluation/calibration.py",
        "n_refused = math.floor(share * len(confidence) + 1e-9)",
        "n_refused = math.floor(share * len(confidence) + 1e-9) + 1",
        CALIBRATION,
    ),
    Fault(
        "share of images truncated, not rounded",
        "evaluation/calibration.py",
        "math.floor(share * len(confidence) + 1e-9)",
        "math.floor(share * len(confidence))",
        CALIBRATION,
    ),
    # Runs.
    Fault(
        "a run tested on its training images",
        "runs/results.py",
        "evaluate(model, test, dataset",
        "evaluate(model, dataset.train, dataset",
        RUN,
    ),
    Fault(
        "a run's shuffling does not come from its seed",
        "runs/build.py",
        "rng=np.random.default_rng([config.seed, 3])",
        "rng=np.random.default_rng()",
        RUN,
    ),
    Fault(
        "a run evaluated on images held out with another seed",
        "runs/eval_split.py",
        "dataset = config.load_dataset()\n        if dataset.test",
        "dataset = type(config)(\n"
        "            config.recipe, config.data, config.validation, config.test, config.seed + 1\n"
        "        ).load_dataset()\n        if dataset.test",
        PARTS,
    ),
    # Diagnosis.
    Fault(
        "scale: the gradient passes unscaled",
        "nn/layers/scale.py",
        "            da *= self.factor\n",
        "",
        SCALE,
    ),
    Fault(
        "scale: not fused into the weights",
        "nn/layers/dense.py",
        "W * scales[0] if scales else W",
        "W",
        SCALE,
    ),
    Fault(
        "mlp: a gain multiplies the first weights only",
        "nn/mlp.py",
        'if letter == "W":',
        'if letter == "W" and bound.number == 1:',
        SCALE,
    ),
    Fault(
        "epoch statistics: the peak loss ignores NaN",
        "nn/monitoring/epoch_stats.py",
        "elif not loss <= self.peak_loss:",
        "elif loss > self.peak_loss:",
        COURSE,
    ),
    Fault(
        "epoch statistics: update ratio relative to the updated weights",
        "nn/monitoring/epoch_stats.py",
        "            length = _norm(kept)\n",
        "            length = _norm(W)\n",
        COURSE,
    ),
    Fault(
        "epoch statistics: smallest update ratio kept",
        "nn/monitoring/epoch_stats.py",
        "[max(pair) for pair in",
        "[min(pair) for pair in",
        COURSE,
    ),
    Fault(
        "health: units with zero weights not counted as similar",
        "nn/monitoring/health.py",
        "common / total if total else 1.0",
        "common / total if total else 0.0",
        COURSE,
    ),
    Fault(
        "data statistics: scale before the layer that scales",
        "nn/monitoring/data_stats.py",
        "        inputs = a\n",
        "        pass\n",
        GIVENS,
    ),
    Fault(
        "data statistics: class means tested on their own images",
        "nn/monitoring/data_stats.py",
        "known, unknown = order[::2], order[1::2]",
        "known, unknown = order, order",
        GIVENS,
    ),
    Fault(
        "data statistics: order of rows ignored",
        "nn/monitoring/data_stats.py",
        "order = np.concatenate(batches)",
        "order = np.sort(np.concatenate(batches))",
        GIVENS,
    ),
    Fault(
        "corruption: labels of the test set shuffled, not of the validation set",
        "data/transforms/corruption.py",
        "validation=held_out and Split(held_out.images, rng.permutation(held_out.labels)),",
        "validation=held_out,",
        SPOILING,
    ),
    Fault(
        "corruption: leaked images with wrong labels",
        "data/transforms/corruption.py",
        "np.concatenate([test.labels[kept], train.labels[rows]])",
        "np.concatenate([test.labels[kept], train.labels[: len(rows)]])",
        SPOILING,
    ),
    Fault(
        "diagnosis: dead ReLUs reported before the learning rate",
        "diagnosis/causes.py",
        "    find_labels_shuffled,\n    find_rate_too_high,\n",
        "    find_labels_shuffled,\n    find_dead_relus,\n    find_rate_too_high,\n",
        RULES,
    ),
    Fault(
        "diagnosis: large harmless updates reported",
        "diagnosis/learning_rate.py",
        "if not (is_long and is_harmful):",
        "if not is_long:",
        RULES,
    ),
    Fault(
        "diagnosis: small harmless gradients reported",
        "diagnosis/units.py",
        "if ratio < limit and case.skill < skill",
        "if ratio < limit",
        RULES,
    ),
    Fault(
        "diagnosis: problems reported for an accurate network",
        "diagnosis/data.py",
        "if held_out is not None and held_out >= CHANCE_SKILL:",
        "if held_out is not None and held_out >= 1:",
        RULES,
    ),
    Fault(
        "diagnosis: over-fitting without a rising validation loss",
        "diagnosis/outcome.py",
        "measured = (rise, gap, ratio)",
        "measured = (9.0, gap, ratio)",
        RULES,
    ),
    Fault(
        "diagnosis: leaks counted among the training images",
        "diagnosis/data.py",
        'np.isin(hashes[part], hashes["train"])',
        'np.isin(hashes["train"], hashes[part])',
        RULES,
    ),
    Fault(
        "history: layers read in another order",
        "runs/history.py",
        "tuple(float(row[key]) for key in layers if row[key])",
        "tuple(float(row[key]) for key in layers[::-1] if row[key])",
        DIAGNOSING,
    ),
    Fault(
        "run: the epoch with a non-finite value not recorded",
        "runs/run.py",
        "                self._write(HISTORY, history_csv(self.records))\n            message",
        "                pass\n            message",
        DIAGNOSING,
    ),
    # Trace.
    Fault(
        "trace: activation's derivative at a, not at z",
        "nn/tracing/recording.py",
        "phi(kept.copy())[1]",
        "phi(a.copy())[1]",
        TRACE,
    ),
    Fault(
        "trace: z recorded after the activation overwrote it",
        "nn/tracing/recording.py",
        "        kept = z.copy()\n",
        "        kept = z\n",
        TRACE,
    ),
    Fault(
        "trace: second forward pass with the old weights",
        "nn/tracing/recording.py",
        "_observe(updated, layers,",
        "_observe(network, layers,",
        TRACE,
    ),
    Fault(
        "trace: the caller's label rows made read-only",
        "nn/tracing/recording.py",
        "y.astype(network.dtype)",
        "y.astype(network.dtype, copy=False)",
        TRACE,
    ),
    Fault(
        "trace: pre-activation without the bias among its inputs",
        "nn/tracing/inputs.py",
        '[*_products(values), Input(bias.value, (bias,), "bias")]',
        "_products(values)",
        TRACE,
    ),
    Fault(
        "trace: updated weight with the wrong sign of the gradient",
        "nn/tracing/inputs.py",
        "change = -step.learning_rate * gradient.value",
        "change = step.learning_rate * gradient.value",
        TRACE,
    ),
    Fault(
        "trace: loss as the logarithm of a probability rounded to 0",
        "nn/tracing/inputs.py",
        "surprise = float(np.log(np.exp(shifted).sum()) - shifted[k])",
        "surprise = -float(np.log(sure.value or 1e-300))",
        TRACE,
    ),
    Fault(
        "trace: weight feeds only the first image's error signal",
        "nn/tracing/consumers.py",
        "else step.column(back, index[0])",
        "else step.column(back, index[0])[:1]",
        TRACE,
    ),
    Fault(
        "trace: probabilities of wrong classes feed the cross-entropy",
        "nn/tracing/consumers.py",
        'is_used = step.is_squared or bool(step.arrays[Symbol("y")][index])',
        "is_used = True",
        TRACE,
    ),
    Fault(
        "trace: perturbation in the network's precision",
        "nn/tracing/perturbation.py",
        "network=network.astype(np.float64)",
        "network=network.copy()",
        TRACE,
    ),
)

# Placed next to the copy. Any failing example is enough, so Hypothesis neither shrinks nor stores
# examples.
PLUGIN = """
import glassnet
from glassnet import *  # noqa: F403
from hypothesis import Phase, settings

print(glassnet.__file__, flush=True)
phases = [Phase.explicit, Phase.generate]
settings.register_profile("faults", phases=phases, derandomize=True, database=None)
settings.load_profile("faults")
"""


class MachineryError(Exception):
    """A fault could not be applied, or its tests could not run."""


@dataclass(frozen=True)
class Verdict:
    """Result of running tests against a copy of glassnet.

    Parameters
    ----------
    noticed_by : str or None
        The first test that failed; None if all passed.
    """

    name: str
    noticed_by: str | None
    seconds: float

    def __str__(self) -> str:
        """Return a one-line summary."""
        seconds = f"{self.seconds:.1f} s"
        if self.noticed_by is None:
            return f"MISSED  {self.name} ({seconds})"
        return f"caught  {self.name} ({seconds}, {self.noticed_by})"


def apply(fault: Fault, package: Path) -> None:
    """Apply a fault to a package."""
    path = package / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise MachineryError(
            f"{fault.name}: needs its old text once in {fault.file}, got {text.count(fault.old)}"
        )
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")


def judge(name: str, fault: Fault | None, tests: Sequence[str]) -> Verdict:
    """Run test files against a copy of glassnet, with or without a fault."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary).resolve()
        shutil.copytree(PACKAGE, folder / "glassnet", ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            apply(fault, folder / "glassnet")
        started = time.perf_counter()
        noticed_by = _run(name, folder, tests)
        return Verdict(name, noticed_by, time.perf_counter() - started)


def _run(name: str, folder: Path, tests: Sequence[str]) -> str | None:
    (folder / "faults_plugin.py").write_text(PLUGIN, encoding="utf-8")
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "faults_plugin"]
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=ROOT,
            # The copy takes precedence over the installed glassnet.
            env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end after {TIMEOUT_S} s"
    lines = done.stdout.splitlines()
    if not lines or Path(lines[0]).resolve() != folder / "glassnet" / "__init__.py":
        raise MachineryError(f"{name}: the copy was not imported\n{done.stdout}{done.stderr}")
    if done.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if done.returncode != 1 or failed is None:
        raise MachineryError(f"{name}: the tests did not run\n{done.stdout}{done.stderr}")
    return failed[1]


def main(words: Sequence[str]) -> int:
    """Judge the faults whose names contain all words, and return the exit status."""
    faults = [fault for fault in FAULTS if all(word in fault.name for word in words)]
    if not faults:
        _say(f"no fault is named {' '.join(words)!r}")
        return 2
    started = time.perf_counter()
    try:
        files = sorted({path for fault in faults for path in fault.tests})
        unbroken = judge("nothing broken", None, files)
        if unbroken.noticed_by is not None:
            _say(f"the tests fail without any fault: {unbroken.noticed_by}")
            return 2
        _say(f"nothing broken: {len(files)} test files pass ({unbroken.seconds:.1f} s)")
        n_missed = 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            verdicts = pool.map(lambda fault: judge(fault.name, fault, fault.tests), faults)
            for number, verdict in enumerate(verdicts, start=1):
                _say(f"{number:>3}/{len(faults)}  {verdict}")
                n_missed += verdict.noticed_by is None
    except MachineryError as error:
        _say(str(error))
        return 2
    seconds = time.perf_counter() - started
    _say(f"{len(faults) - n_missed} of {len(faults)} faults caught in {seconds:.0f} s")
    return 1 if n_missed else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
