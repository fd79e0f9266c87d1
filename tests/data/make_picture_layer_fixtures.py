"""Writes picture_layers.safetensors: what PyTorch computes for the layers of networks that make
pictures, forward and backward, and for its optimizers. All tensors channels last, as ours are.

    python3 -m venv venv && venv/bin/pip install torch safetensors
    venv/bin/python tests/data/make_picture_layer_fixtures.py
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(5)
torch.set_num_threads(1)
tensors = {}


def keep(name, tensor):
    tensors[name] = tensor.detach().clone().contiguous()


def last(image):  # (b, c, h, w) -> (b, h, w, c)
    return image.permute(0, 2, 3, 1)


def first(image):  # (b, h, w, c) -> (b, c, h, w)
    return image.permute(0, 3, 1, 2)


# (images, height, width, channels in, channels out, kernel, stride, padding)
SIZES = [
    (2, 7, 5, 3, 5, 3, 1, 1),
    (1, 8, 8, 1, 16, 4, 2, 1),
    (2, 9, 7, 17, 12, 4, 2, 1),
    (1, 6, 6, 9, 33, 1, 1, 0),
    (2, 4, 4, 20, 1, 4, 1, 0),
    (3, 5, 5, 24, 3, 3, 2, 1),
]
for i, (b, h, w, ci, co, k, s, p) in enumerate(SIZES):
    for kind, conv in [("conv2d", F.conv2d), ("conv_transpose2d", F.conv_transpose2d)]:
        # Ours: (k, k, big, small channels).
        channels = (ci, co) if kind == "conv2d" else (co, ci)
        x = torch.randn(b, h, w, ci, requires_grad=True)
        weight = (torch.randn(k, k, *channels) / (ci * k)).requires_grad_()
        bias = torch.randn(co, requires_grad=True)
        y = last(conv(first(x), weight.permute(3, 2, 0, 1), bias, stride=s, padding=p))
        y = F.leaky_relu(y, 0.2)
        pull = torch.randn_like(y)
        y.backward(pull)
        parts = dict(x=x, weight=weight, bias=bias, y=y, pull=pull, dx=x.grad)
        parts.update(dweight=weight.grad, dbias=bias.grad, geometry=torch.tensor([float(s), float(p)]))
        for part, tensor in parts.items():
            keep(f"{kind}.{i}.{part}", tensor)

for name, function in [("relu", F.relu), ("tanh", torch.tanh), ("identity", lambda x: x)]:
    x = (torch.randn(3, 5, 4, 10) * 2 + 1).requires_grad_()
    gain = torch.randn(10, requires_grad=True)
    bias = torch.randn(10, requires_grad=True)
    norm = F.batch_norm(first(x), None, None, gain, bias, training=True, eps=1e-5)
    y = function(last(norm))
    pull = torch.randn_like(y)
    y.backward(pull)
    rows = x.detach().reshape(-1, 10)
    parts = dict(x=x, gain=gain, bias=bias, y=y, pull=pull, dx=x.grad, dgain=gain.grad)
    parts.update(dbias=bias.grad, mean=rows.mean(0), var=rows.var(0, unbiased=False))
    frozen = F.batch_norm(first(x), rows.mean(0), rows.var(0) * 1.5, gain, bias, eps=1e-5)
    parts.update(frozen=last(frozen), frozen_var=rows.var(0) * 1.5)
    for part, tensor in parts.items():
        keep(f"batch_norm.{name}.{part}", tensor)

conv = torch.nn.Conv2d(6, 8, 3, bias=False)
spectral = torch.nn.utils.spectral_norm(conv)
keep("spectral_norm.weight", conv.weight_orig.permute(2, 3, 1, 0))
keep("spectral_norm.u", conv.weight_u)
for step in range(3):
    x = torch.randn(1, 6, 3, 3)
    y = conv(x)
    keep(f"spectral_norm.scaled.{step}", conv.weight.permute(2, 3, 1, 0))
    keep(f"spectral_norm.u.{step}", conv.weight_u)
pull = torch.randn_like(conv.weight)
(gradient,) = torch.autograd.grad(conv.weight, conv.weight_orig, pull)
keep("spectral_norm.pull", pull.permute(2, 3, 1, 0))
keep("spectral_norm.dweight", gradient.permute(2, 3, 1, 0))

start = torch.randn(7, 9)
gradients = [torch.randn(7, 9) for _ in range(4)]
keep("start", start)
for i, gradient in enumerate(gradients):
    keep(f"gradient.{i}", gradient)
for name, make in [
    ("adam", lambda w: torch.optim.Adam([w], lr=2e-3, betas=(0.5, 0.999))),
    ("sgd", lambda w: torch.optim.SGD([w], lr=1e-2, momentum=0.9)),
]:
    weight = start.clone().requires_grad_()
    optimizer = make(weight)
    for i, gradient in enumerate(gradients):
        weight.grad = gradient.clone()
        optimizer.step()
        keep(f"{name}.{i}", weight)

save_file(tensors, str(Path(__file__).with_name("picture_layers.safetensors")))
