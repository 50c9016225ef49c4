"""A neural network written from scratch in NumPy.

Reading order:

1. ``activations``: value and derivative of sigmoid, relu, tanh, gelu; softmax
2. ``initializers``: random initial weights
3. ``layers/``: the Layer protocol; dense, batch normalisation, dropout, Gaussian noise, scale
4. ``losses``: cross-entropy, mean squared error, one-hot labels, label smoothing
5. ``validation``: checks of shape and range; pixels scaled to [0, 1]
6. ``network``: forward, backward, loss_and_grads, predict
7. ``mlp``: multilayer perceptrons, built from layer sizes and options
8. ``optimizers``: SGD, Adam, AdamW, max-norm, moving average of the weights
9. ``schedules``: learning-rate schedules, functions from step to rate
10. ``monitoring/``: statistics of each step and epoch
11. ``training``: minibatches and the training loop
12. ``checking/``: the gradient check
13. ``tracing/``: one training step with every value recorded and explained

Comments cite the equations of ``docs/math.md``, which derives them.
"""
