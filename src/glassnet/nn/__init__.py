"""The network, from scratch, in NumPy alone.

Reading order is the lesson: activations, initializers, layers, losses, network, optimizers,
schedules, gradcheck, inputs, health, training. The derivations are in ``docs/math.md``; comments
cite its equations.
"""
