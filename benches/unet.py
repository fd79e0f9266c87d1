"""The U-Net of benches/unet.rs in PyTorch, for comparison, and the measurements of benches/unet.rs on it:

    python3 -m venv venv && venv/bin/pip install torch
    venv/bin/python benches/unet.py [THREADS ...]

Each figure is the best of several, in milliseconds, of the faster of PyTorch's two memory formats. The
network is the same number by number: tests/data/make_unet_fixture.py proves it.
"""

import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

N_GROUPS = 8


class Block(nn.Module):
    def __init__(self, come, width, d):
        super().__init__()
        self.norm = nn.ModuleList([nn.GroupNorm(N_GROUPS, come), nn.GroupNorm(N_GROUPS, width)])
        self.conv = nn.ModuleList([nn.Conv2d(come, width, 3, 1, 1), nn.Conv2d(width, width, 3, 1, 1)])
        self.film = nn.Linear(d, 2 * width)
        self.skip = nn.Conv2d(come, width, 1) if come != width else nn.Identity()

    def forward(self, x, told):
        y = self.conv[0](F.silu(self.norm[0](x)))
        scale, shift = self.film(told)[:, :, None, None].chunk(2, 1)
        y = self.norm[1](y) * (1 + scale) + shift
        return self.skip(x) + self.conv[1](F.silu(y))


class Attention(nn.Module):
    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.norm = nn.GroupNorm(N_GROUPS, width)
        self.qkv, self.z = nn.Conv2d(width, 3 * width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x):
        b, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, 3, self.n_heads, c // self.n_heads, h * w).transpose(3, 4).unbind(1)
        z = F.scaled_dot_product_attention(q, k, v)
        return x + self.z(z.transpose(2, 3).reshape(b, c, h, w))


class Level(nn.Module):
    def __init__(self, come, width, d, n_heads, attends, **convs):
        super().__init__()
        self.block = Block(come, width, d)
        self.attention = Attention(width, n_heads) if attends else nn.Identity()
        for name, conv in convs.items():
            self.add_module(name, conv)

    def forward(self, x, told):
        return self.attention(self.block(x, told))


class UNet(nn.Module):
    def __init__(self, side=64, patch=4, channels=3, widths=(80, 144, 144), attention_side=8, n_heads=4, d=192, conditions=(4, 8)):
        super().__init__()
        self.patch, self.d = patch, d
        attends = [side // patch >> i <= attention_side for i in range(2)]
        a, b, c = widths
        thin = patch * patch * channels
        self.time = nn.ModuleList([nn.Linear(d, d), nn.Linear(d, d)])
        self.condition = nn.ModuleList([nn.Embedding(n, d) for n in conditions])
        self.add_module("in", nn.Conv2d(thin, a, 3, 1, 1))
        conv = lambda come, width, stride=1: nn.Conv2d(come, width, 3, stride, 1)
        self.down = nn.ModuleList(
            [
                Level(a, a, d, n_heads, attends[0], shrink=conv(a, b, 2)),
                Level(b, b, d, n_heads, attends[1], shrink=conv(b, c, 2)),
            ]
        )
        self.middle = nn.ModuleDict({"0": Block(c, c, d), "attention": Attention(c, n_heads), "1": Block(c, c, d)})
        self.up = nn.ModuleList(
            [
                Level(2 * a, a, d, n_heads, attends[0], grow=conv(b, a)),
                Level(2 * b, b, d, n_heads, attends[1], grow=conv(c, b)),
            ]
        )
        self.out_norm, self.out = nn.GroupNorm(N_GROUPS, a), conv(a, thin)

    def told(self, rows):
        return sum(table(rows[:, i]) for i, table in enumerate(self.condition))

    def forward(self, x, level, condition, see=lambda name, x: None):
        half = self.d // 2
        speed = torch.exp(-math.log(10000.0) / half * torch.arange(half, dtype=torch.float64))
        angles = level.double()[:, None] * speed
        waves = torch.cat([angles.cos(), angles.sin()], 1).float()
        told = F.silu(self.time[1](F.silu(self.time[0](waves))) + condition)

        b, c, s, _ = x.shape
        p, h = self.patch, s // self.patch
        x = x.view(b, c, h, p, h, p).permute(0, 3, 5, 1, 2, 4).reshape(b, p * p * c, h, h)
        x = getattr(self, "in")(x)
        see("in", x)
        kept = []
        for i, level in enumerate(self.down):
            x = level(x, told)
            see(f"down.{i}", x)
            kept.append(x)
            x = level.shrink(x)
        x = self.middle["1"](self.middle["attention"](self.middle["0"](x, told)), told)
        see("middle", x)
        for i in (1, 0):
            x = self.up[i].grow(F.interpolate(x, scale_factor=2, mode="nearest"))
            x = self.up[i](torch.cat([x, kept[i]], 1), told)
            see(f"up.{i}", x)
        x = self.out(F.silu(self.out_norm(x)))
        return x.view(b, p, p, c, h, h).permute(0, 3, 4, 1, 5, 2).reshape(b, c, s, s)


def best(step, seconds=4.0, least=3):
    times, end = [], time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def given(batch, memory):
    x = torch.randn(batch, 3, 64, 64).contiguous(memory_format=memory)
    level = torch.linspace(0, 999, batch)
    rows = torch.stack([torch.arange(batch) % 4, torch.arange(batch) % 8], 1)
    return x, level, rows


def forward_pass(batch, memory):
    unet = UNet().to(memory_format=memory).eval()
    x, level, rows = given(batch, memory)

    def step():
        with torch.inference_mode():
            unet(x, level, unet.told(rows))

    return best(step)


def training_step(batch, memory):
    unet = UNet().to(memory_format=memory)
    x, level, rows = given(batch, memory)
    clean = torch.randn_like(x)
    adam = torch.optim.AdamW(unet.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
    averages = [w.detach().clone() for w in unet.parameters()]

    def step():
        adam.zero_grad()
        loss = (unet(x, level, unet.told(rows)) - clean).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        adam.step()
        torch._foreach_lerp_(averages, [w.detach() for w in unet.parameters()], 0.001)

    return best(step)


def conv_step(batch, side, come, width, kernel, memory):
    conv = nn.Conv2d(come, width, kernel, padding=kernel // 2).to(memory_format=memory)
    x = torch.randn(batch, come, side, side).contiguous(memory_format=memory).requires_grad_()
    pull = torch.randn_like(conv(x))

    def step():
        x.grad = None
        conv.zero_grad()
        conv(x).backward(pull)

    return best(step, 2.0)


def faster(measure, *sizes):
    formats = [torch.contiguous_format, torch.channels_last]
    return min(measure(*sizes, memory) for memory in formats)


CONVS = [(16, 80, 80, 3), (16, 160, 80, 3), (8, 144, 144, 3), (4, 144, 144, 3), (16, 160, 80, 1), (32, 48, 48, 3), (16, 96, 96, 3)]

if __name__ == "__main__":
    for threads in map(int, sys.argv[1:] or ["1", "2"]):
        torch.set_num_threads(threads)
        print(f"forward batch 2 threads {threads}: {faster(forward_pass, 2):.2f} ms", flush=True)
        print(f"training step batch 32 threads {threads}: {faster(training_step, 32):.1f} ms", flush=True)
        for side, come, width, kernel in CONVS:
            millis = faster(conv_step, 32, side, come, width, kernel)
            print(f"conv {side}x{side} {come}->{width} k{kernel} batch 32 threads {threads}: {millis:.2f} ms", flush=True)
