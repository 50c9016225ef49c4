"""The network, from scratch, in NumPy alone.

Reading order is the lesson: activations, initializers, layers, losses, batch_norm, noise, network,
mlp; then optimizers, sgd, adam, max_norm, schedules; then inputs, measure, health, record,
ema_decay, state, loop, training; and, to check it all, finite_differences and gradcheck. The
derivations are in ``docs/math.md``, whose equations the comments cite.
"""
