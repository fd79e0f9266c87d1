"""Makes gan_step.safetensors: one step of a small DCGAN's discriminator, then one of its generator, by PyTorch.

    pip install torch numpy safetensors && python make_gan_fixture.py

`before.*` are the weights, `after.*` the same after both steps of Adam, `gradient.*` what moved them; in Glassbox's
names and its order of dimensions: pixels (b, rows, columns, channels), kernels (rows, columns, in, out), those of the
transposed convolutions (rows, columns, out, in). The loss is the non-saturating one, with one-sided label smoothing of 0.1.
"""

import torch
from safetensors.torch import save_file
from torch.nn.functional import batch_norm, binary_cross_entropy_with_logits, conv2d, conv_transpose2d, leaky_relu

D_Z, SIDE, CHANNELS, WIDTH, BATCH = 8, 16, 3, 4, 4
SMOOTHING, RATE, BETAS = 0.1, 2e-4, (0.5, 0.99)

torch.manual_seed(5)
normal = lambda *shape: 0.2 * torch.randn(*shape)
wide = 2 * WIDTH
g = {
    "project.weight": normal(D_Z, 16 * wide),
    "norm.0.gain": 1 + normal(wide), "norm.0.bias": normal(wide),
    "up.0.weight": normal(4, 4, WIDTH, wide),
    "norm.1.gain": 1 + normal(WIDTH), "norm.1.bias": normal(WIDTH),
    "up.1.weight": normal(4, 4, CHANNELS, WIDTH),
    "picture.bias": normal(CHANNELS),
}
d = {
    "down.0.weight": normal(4, 4, CHANNELS, WIDTH), "down.0.bias": normal(WIDTH),
    "down.1.weight": normal(4, 4, WIDTH, wide), "down.1.bias": normal(wide),
    "verdict.weight": normal(16 * wide, 1), "verdict.bias": normal(1),
}
saved = {f"before.g.{k}": v.clone() for k, v in g.items()} | {f"before.d.{k}": v.clone() for k, v in d.items()}
for tensor in [*g.values(), *d.values()]:
    tensor.requires_grad_(True)


def draw(z):
    x = (z @ g["project.weight"]).view(len(z), 4, 4, wide).permute(0, 3, 1, 2)
    for i in range(2):
        x = batch_norm(x, None, None, g[f"norm.{i}.gain"], g[f"norm.{i}.bias"], training=True).relu()
        x = conv_transpose2d(x, g[f"up.{i}.weight"].permute(3, 2, 0, 1), stride=2, padding=1)
    return torch.tanh(x + g["picture.bias"].view(1, -1, 1, 1))


def judge(x):
    for i in range(2):
        x = conv2d(x, d[f"down.{i}.weight"].permute(3, 2, 0, 1), d[f"down.{i}.bias"], stride=2, padding=1)
        x = leaky_relu(x, 0.2)
    return (x.permute(0, 2, 3, 1).flatten(1) @ d["verdict.weight"] + d["verdict.bias"]).squeeze(1)


def bce(logits, label):
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


real = torch.rand(BATCH, CHANNELS, SIDE, SIDE) * 2 - 1
z_d, z_g = torch.randn(BATCH, D_Z), torch.randn(BATCH, D_Z)
adam_d = torch.optim.Adam(d.values(), RATE, BETAS)
adam_g = torch.optim.Adam(g.values(), RATE, BETAS)

loss_d = bce(judge(real), 1 - SMOOTHING) + bce(judge(draw(z_d).detach()), 0.0)
loss_d.backward()
saved |= {f"gradient.d.{k}": v.grad.clone() for k, v in d.items()}
adam_d.step()
loss_g = bce(judge(draw(z_g)), 1.0)
adam_g.zero_grad()
loss_g.backward()
saved |= {f"gradient.g.{k}": v.grad.clone() for k, v in g.items()}
adam_g.step()

saved |= {f"after.g.{k}": v for k, v in g.items()} | {f"after.d.{k}": v for k, v in d.items()}
saved |= {"real": real.permute(0, 2, 3, 1), "z_d": z_d, "z_g": z_g, "losses": torch.stack([loss_d, loss_g])}
smallest = min(v.abs().min().item() for k, v in saved.items() if k.startswith("gradient"))
print("losses", loss_d.item(), loss_g.item(), "smallest gradient", smallest)
save_file({k: v.detach().contiguous() for k, v in saved.items()}, "gan_step.safetensors")
