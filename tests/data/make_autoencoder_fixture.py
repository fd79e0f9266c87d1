"""Writes autoencoder.safetensors: what PyTorch computes for a small autoencoder, forward, backward and after one
step of Adam. Weights and pictures are made by a formula that tests/autoencoder.rs has too; of a large tensor some
numbers are kept, evenly spaced. Maps are channels last, kernels (rows, columns, in, out), those of the transposed
convolutions (rows, columns, out, in), matrices (in, out), as ours are.

    python3 -m venv venv && venv/bin/pip install torch safetensors
    venv/bin/python tests/data/make_autoencoder_fixture.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import conv2d, conv_transpose2d, leaky_relu

SIDE, CHANNELS, WIDTH, CODE, BATCH = 16, 3, 8, 5, 3
RATE, BETAS, EPSILON = 1e-2, (0.9, 0.99), 1e-3
KEPT = 61  # numbers of a tensor, at most twice as many
torch.set_num_threads(1)
tensors = {}


def numbers(seed, shape):
    """Evenly spread in -1..1, by a multiplicative hash."""
    n = 1
    for side in shape:
        n *= side
    x = (torch.arange(n) + 1) * 2654435761 + seed * 40503
    x = x % 2**32
    x = (x ^ (x >> 15)) * 739982445 % 2**32
    x = (x ^ (x >> 12)) * 695872825 % 2**32
    return ((x >> 8).double() / 2**23 - 1).reshape(shape)


def keep(name, tensor):
    tensor = tensor.detach().contiguous().flatten()
    tensors[name] = tensor[:: max(len(tensor) // KEPT, 1)].clone()


d = 16 * 2 * WIDTH
shapes = {
    "down.0": (4, 4, CHANNELS, WIDTH),
    "down.1": (4, 4, WIDTH, 2 * WIDTH),
    "code": (d, CODE),
    "unfold": (CODE, d),
    "up.0": (4, 4, WIDTH, 2 * WIDTH),
    "up.1": (4, 4, CHANNELS, WIDTH),
}
weights = {}
for layer, shape in shapes.items():
    n_biases = shape[2] if layer.startswith("up") else shape[-1]
    for name, shape in [(f"{layer}.weight", shape), (f"{layer}.bias", (n_biases,))]:
        n = 1
        for side in shape:
            n *= side
        scale = (3.0 * shape[-1] / n) ** 0.5 if len(shape) > 1 else 0.1
        weights[name] = (numbers(sum(map(ord, name)), shape) * scale).float().requires_grad_(True)


def last(image):  # (b, c, h, w) -> (b, h, w, c)
    return image.permute(0, 2, 3, 1)


def encode(x):
    for i in range(2):
        weight, bias = weights[f"down.{i}.weight"], weights[f"down.{i}.bias"]
        x = leaky_relu(conv2d(x, weight.permute(3, 2, 0, 1), bias, stride=2, padding=1), 0.2)
    return last(x).flatten(1) @ weights["code.weight"] + weights["code.bias"]


def decode(codes):
    x = codes @ weights["unfold.weight"] + weights["unfold.bias"]
    x = leaky_relu(x.view(len(codes), 4, 4, 2 * WIDTH).permute(0, 3, 1, 2), 0.2)
    weight, bias = weights["up.0.weight"], weights["up.0.bias"]
    x = leaky_relu(conv_transpose2d(x, weight.permute(3, 2, 0, 1), bias, stride=2, padding=1), 0.2)
    weight, bias = weights["up.1.weight"], weights["up.1.bias"]
    return conv_transpose2d(x, weight.permute(3, 2, 0, 1), bias, stride=2, padding=1)


x = numbers(1, (BATCH, SIDE, SIDE, CHANNELS)).float()
codes = encode(x.permute(0, 3, 1, 2))
keep("codes", codes)
y = last(decode(codes))
keep("y", y)
loss = (y - x).square().mean()
tensors["loss"] = loss.detach().reshape(1)
loss.backward()
for name, weight in weights.items():
    keep(f"gradient.{name}", weight.grad)
torch.optim.Adam(weights.values(), RATE, BETAS, EPSILON).step()
for name, weight in weights.items():
    keep(f"stepped.{name}", weight)

save_file(tensors, str(Path(__file__).parent / "autoencoder.safetensors"))
