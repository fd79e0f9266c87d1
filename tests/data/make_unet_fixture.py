"""Writes unet.safetensors: what PyTorch computes for a small U-Net (benches/unet.py), forward, backward and
after one step of AdamW. Weights and pictures are made by a formula that tests/unet.rs has too; of a large
tensor some numbers are kept, evenly spaced. Maps are channels last, matrices (in, out), as ours are.

    python3 -m venv venv && venv/bin/pip install torch safetensors
    venv/bin/python tests/data/make_unet_fixture.py
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benches"))
from unet import UNet  # noqa: E402

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


def last(image):  # (b, c, h, w) -> (b, h, w, c)
    return image.permute(0, 2, 3, 1)


def ours(name):
    name = name.replace("out_norm.", "out.norm.")
    return name.replace("weight", "gain") if ".norm." in name else name


def layout(name, weight):
    """As ours lie: kernels (k, k, in, out) or, of 1 x 1, (in, out); matrices (in, out); tables as they are."""
    if weight.dim() == 4:
        weight = weight.permute(2, 3, 1, 0)
        return weight[0, 0] if weight.shape[0] == 1 else weight
    return weight.t() if weight.dim() == 2 and not name.startswith("condition") else weight


unet = UNet(side=16, patch=2, widths=(16, 32, 48), attention_side=4, n_heads=2, d=16, conditions=(3, 4))
named = [(ours(name), weight) for name, weight in unet.named_parameters()]
for name, weight in named:
    shape = layout(name, weight).shape
    seed = sum(map(ord, name))
    scale = (3.0 / (weight.numel() / shape[-1])) ** 0.5 if weight.dim() > 1 else 0.1
    values = numbers(seed, shape) * scale + (1.0 if name.endswith("gain") else 0.0)
    with torch.no_grad():
        layout(name, weight).copy_(values.float())

x = numbers(1, (3, 16, 16, 3)).float()
clean = numbers(2, (3, 16, 16, 3)).float()
level = torch.tensor([3.0, 431.5, 999.0])
rows = torch.tensor([[0, 0], [2, 1], [1, 3]])
condition = unet.told(rows)
keep("condition", condition)
y = unet(x.permute(0, 3, 1, 2), level, condition, lambda name, map: keep(f"site.{name}", last(map)))
keep("y", last(y))
loss = (last(y) - clean).square().mean()
tensors["loss"] = loss.detach().reshape(1)
loss.backward()
for name, weight in named:
    keep(f"gradient.{name}", layout(name, weight.grad))

decayed = [w for _, w in named if w.dim() > 1]
kept = [w for _, w in named if w.dim() == 1]
groups = [{"params": decayed, "weight_decay": 0.1}, {"params": kept, "weight_decay": 0.0}]
adam = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.99), eps=1e-3)
tensors["norm"] = torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0).reshape(1)
adam.step()
for name, weight in named:
    keep(f"stepped.{name}", layout(name, weight))

save_file(tensors, str(ROOT / "tests/data/unet.safetensors"))
