"""The training step of benches/gan.rs in PyTorch, for comparison, on the same networks:

    python3 -m venv venv && venv/bin/pip install torch
    venv/bin/python benches/gan.py [THREADS ...]

Each figure is the best of several steps, in milliseconds, of the faster of PyTorch's two memory
formats. As in ours, the discriminator's weights get no gradient while the generator learns.
"""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

D_Z = 64


def widths(side, width):
    n_maps = (side // 4).bit_length() - 1
    return [width * min(1 << i, 6) for i in reversed(range(n_maps))]


class Generator(nn.Module):
    def __init__(self, side, width):
        super().__init__()
        w = widths(side, width)
        self.first = w[0]
        self.project = nn.Linear(D_Z, 16 * w[0], bias=False)
        layers = []
        for a, b in zip(w, w[1:] + [None]):
            layers += [nn.BatchNorm2d(a), nn.ReLU()]
            layers += [nn.ConvTranspose2d(a, b or 3, 4, 2, 1, bias=b is None)]
        self.layers = nn.Sequential(*layers, nn.Tanh())

    def forward(self, z):
        return self.layers(self.project(z).view(-1, self.first, 4, 4))


class Discriminator(nn.Module):
    def __init__(self, side, width):
        super().__init__()
        w = [3] + widths(side, width)[::-1]
        layers = []
        for a, b in zip(w, w[1:]):
            layers += [nn.Conv2d(a, b, 4, 2, 1), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(16 * w[-1], 1))

    def forward(self, x):
        return self.layers(x).squeeze(1)


def best(step, seconds=3.0, least=4):
    times, end = [], time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def gan_step(side, width, batch, memory):
    torch.manual_seed(0)
    g, d = Generator(side, width).to(memory_format=memory), Discriminator(side, width).to(memory_format=memory)
    adam = lambda net: torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))
    g_adam, d_adam = adam(g), adam(d)
    real = torch.rand(batch, 3, side, side).mul(2).sub(1).contiguous(memory_format=memory)

    def step():
        with torch.no_grad():
            fake = g(torch.randn(batch, D_Z))
        on_real, on_fake = d(torch.cat([real, fake])).chunk(2)
        loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        d_adam.zero_grad()
        loss.backward()
        d_adam.step()
        for weight in d.parameters():
            weight.requires_grad_(False)
        loss = F.softplus(-d(g(torch.randn(batch, D_Z)))).mean()
        g_adam.zero_grad()
        loss.backward()
        g_adam.step()
        for weight in d.parameters():
            weight.requires_grad_(True)

    return best(step)


def faster(measure, *sizes):
    formats = [torch.contiguous_format, torch.channels_last]
    return min(measure(*sizes, memory) for memory in formats)


for threads in map(int, sys.argv[1:] or ["1", "2"]):
    torch.set_num_threads(threads)
    for side, width in [(32, 64), (64, 32)]:
        for batch in [32, 64]:
            millis = faster(gan_step, side, width, batch)
            print(f"gan {side}x{side} width {width} batch {batch} threads {threads}: {millis:.1f} ms", flush=True)
