"""Writes gan_plane.json: what PyTorch computes for two small networks on the plane.

For every loss and both optimizers: two steps of D on one batch, then (from the first weights) two steps
of G: losses, gradients and the weights after each step, in f64, from inputs that are f32 numbers.
The gradient penalty is differentiated with create_graph=True. Run with PyTorch 2:

    python tests/data/make_gan_plane_fixtures.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(12)
torch.set_default_dtype(torch.float64)
N, SMOOTHING, PENALTY, RATE = 8, 0.1, 3.0, 0.05


def f32(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).float().double()


def mlp(widths):
    layers = []
    for n_in, n_out in zip(widths, widths[1:]):
        layers.append((f32(n_in, n_out, scale=n_in**-0.5), f32(n_out, scale=0.3)))
    return layers


def forward(layers, x):
    for i, (w, b) in enumerate(layers):
        x = x @ w + b
        if i + 1 < len(layers):
            x = F.leaky_relu(x, 0.2)
    return x


def d_loss(loss, d, real, fake, mix):
    on_real, on_fake = forward(d, real).squeeze(1), forward(d, fake).squeeze(1)
    if loss in ("log", "non-saturating"):
        bce = F.binary_cross_entropy_with_logits
        labels = torch.full_like(on_real, 1 - SMOOTHING)
        return bce(on_real, labels) + bce(on_fake, torch.zeros_like(on_fake))
    if loss == "least-squares":
        labels = torch.full_like(on_real, 1 - SMOOTHING)
        return 0.5 * F.mse_loss(on_real, labels) + 0.5 * F.mse_loss(on_fake, torch.zeros_like(on_fake))
    if loss == "hinge":
        return F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean()
    between = (mix * real + (1 - mix) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(forward(d, between).sum(), between, create_graph=True)
    return on_fake.mean() - on_real.mean() + PENALTY * ((slope.norm(dim=1) - 1) ** 2).mean()


def g_loss(loss, d, fake):
    out = forward(d, fake).squeeze(1)
    if loss == "log":
        return torch.log(1 - torch.sigmoid(out)).mean()
    if loss == "non-saturating":
        return F.binary_cross_entropy_with_logits(out, torch.ones_like(out))
    if loss == "least-squares":
        return 0.5 * F.mse_loss(out, torch.ones_like(out))
    return -out.mean()


def copied(layers):
    return [(w.clone().requires_grad_(), b.clone().requires_grad_()) for w, b in layers]


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors]).tolist()


def steps(layers, optimizer, loss_of):
    weights = [t for pair in layers for t in pair]
    if optimizer == "sgd":
        step = torch.optim.SGD(weights, lr=RATE)
    else:
        step = torch.optim.Adam(weights, lr=RATE, betas=(0.5, 0.999), eps=1e-8)
    done = []
    for _ in range(2):
        step.zero_grad()
        loss = loss_of()
        loss.backward()
        gradients = flat([t.grad for t in weights])
        step.step()
        done.append({"loss": loss.item(), "gradients": gradients, "weights": flat(w.detach() for w in weights)})
    return done


d0, g0 = mlp([2, 5, 4, 1]), mlp([2, 4, 5, 2])
d0[-1] = (4 * d0[-1][0], d0[-1][1])  # so that some samples are beyond the hinge
real, z = f32(N, 2, scale=0.6), f32(N, 2)
real_noise, fake_noise = f32(N, 2, scale=0.1), f32(N, 2, scale=0.1)
mix = torch.rand(N, 1).float().double()

cases = []
for loss in ("log", "non-saturating", "least-squares", "hinge", "wasserstein-penalty"):
    for optimizer in ("sgd", "adam"):
        fake = forward(g0, z) + fake_noise
        d = copied(d0)
        of_d = steps(d, optimizer, lambda: d_loss(loss, d, real + real_noise, fake, mix))
        g = copied(g0)
        of_g = steps(g, optimizer, lambda: g_loss(loss, d0, forward(g, z) + fake_noise))
        cases.append({"loss": loss, "optimizer": optimizer, "d": of_d, "g": of_g})


def shapes(layers):
    return [{"n_in": w.shape[0], "n_out": w.shape[1], "weight": flat([w]), "bias": flat([b])} for w, b in layers]


fixture = {
    "torch": torch.__version__.split("+")[0],
    "label_smoothing": SMOOTHING,
    "penalty": PENALTY,
    "learning_rate": RATE,
    "d": shapes(d0),
    "g": shapes(g0),
    "real": real.tolist(),
    "z": z.tolist(),
    "real_noise": real_noise.tolist(),
    "fake_noise": fake_noise.tolist(),
    "mix": mix.squeeze(1).tolist(),
    "cases": cases,
}
out = pathlib.Path(__file__).with_name("gan_plane.json")
out.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
