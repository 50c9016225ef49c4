"""JAX backend, written for speed: all steps in one jitted scan, with donated parameters."""

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from benchmarks.backends.task import EPS, Deck, Task


class Jax:
    """Backend with value_and_grad, scan and jit."""

    def __init__(self, task: Task) -> None:
        n_layers, rate, is_adam = len(task.sizes) - 1, task.learning_rate, task.optimizer == "adam"
        params = {name: jnp.asarray(theta) for name, theta in task.parameters().items()}
        zeros = jax.tree.map(jnp.zeros_like, params)
        self.carry: Any = (params, zeros, jax.tree.map(jnp.zeros_like, params), jnp.float32(0))
        if not is_adam:
            self.carry = (params, None, None, jnp.float32(0))
        self.images, self.labels = jnp.asarray(task.images), jnp.asarray(task.labels)

        def loss_of(params: Any, x: Any, y: Any) -> Any:
            for number in range(1, n_layers + 1):
                x = x @ params[f"W{number}"] + params[f"b{number}"]
                x = jax.nn.relu(x) if number < n_layers else x
            log_p = jax.nn.log_softmax(x)
            return -jnp.take_along_axis(log_p, y[:, None], axis=1).mean()

        def adam(params: Any, grads: Any, m: Any, v: Any, t: Any) -> Any:
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
            # In float32, 1 - 0.999**t is wrong in the fourth digit at first; expm1 is not.
            c1, c2 = (-jnp.expm1(t * math.log(beta)) for beta in (0.9, 0.999))
            params = jax.tree.map(
                lambda p, m, v: p - rate * (m / c1) / (jnp.sqrt(v / c2) + EPS), params, m, v
            )
            return params, m, v

        @partial(jax.jit, donate_argnums=0)
        def run(carry: Any, images: Any, labels: Any, rows: Any) -> Any:
            def step(carry: Any, batch: Any) -> Any:
                params, m, v, t = carry
                x, y = images[batch].astype(jnp.float32) * (1 / 255), labels[batch]
                loss, grads = jax.value_and_grad(loss_of)(params, x, y)
                if is_adam:
                    params, m, v = adam(params, grads, m, v, t + 1)
                else:
                    params = jax.tree.map(lambda p, g: p - rate * g, params, grads)
                return (params, m, v, t + 1), loss

            return lax.scan(step, carry, rows)

        self.run, self.deck = run, Deck(task)

    def train(self, n_steps: int) -> list[float]:
        """Make `n_steps` steps; return their losses."""
        rows = self.deck.deal(n_steps)
        self.carry, losses = self.run(self.carry, self.images, self.labels, rows)
        return [float(loss) for loss in jax.device_get(losses)]
