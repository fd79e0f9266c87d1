"""Writes diffusion.json: what diffusers' schedulers do, step by step, from the same noise.

The denoiser is exact: every number of the data is +m or -m with equal chance, blurred by a standard
deviation of 0.2. Schedulers compute in f64 (their modules see a torch and a numpy whose float32 is
float64) from inputs that are f32 numbers; the curves of the schedules are also written as diffusers
computes them. Run with diffusers 0.42 and PyTorch 2:

    python tests/data/make_diffusion_fixtures.py
"""

import json
import pathlib
import sys

import diffusers
import numpy as np
import torch

N = 8
SD = 0.2
PLACES = [0, 1, 2, 10, 100, 249, 250, 500, 749, 750, 900, 990, 998, 999]


class Double:
    """A module whose float32 is float64."""

    def __init__(self, module):
        self.module = module
        self.float32 = module.float64

    def __getattr__(self, name):
        return getattr(self.module, name)


def f32(values):
    return np.asarray(values, np.float32).astype(np.float64)


rng = np.random.default_rng(6)
MEANS = f32(rng.uniform(0.3, 0.9, N))
START = f32(rng.standard_normal(N))
NOISE = f32(rng.standard_normal((40, N)))


def clean(x, alpha):
    """E[x0 | x_t]."""
    var = SD**2 * alpha + 1 - alpha
    gain = SD**2 * np.sqrt(alpha) / var
    plus = 1 / (1 + np.exp(-2 * MEANS * np.sqrt(alpha) * x / var))
    shift = np.sqrt(alpha) * MEANS
    return plus * (MEANS + gain * (x - shift)) + (1 - plus) * (-MEANS + gain * (x + shift))


def output(kind, x, alpha):
    x0 = clean(x, alpha)
    noise = (x - np.sqrt(alpha) * x0) / np.sqrt(1 - alpha)
    return {
        "sample": x0,
        "epsilon": noise,
        "v_prediction": np.sqrt(alpha) * noise - np.sqrt(1 - alpha) * x0,
    }[kind]


def scheduler(name, schedule, kind, **more):
    module = sys.modules[getattr(diffusers, name).__module__]
    if not isinstance(module.torch, Double):
        module.torch = Double(torch)
        module.np = Double(np)
    beta = {
        "linear": dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02),
        "cosine": dict(beta_schedule="squaredcos_cap_v2"),
    }[schedule]
    return getattr(diffusers, name)(num_train_timesteps=1000, prediction_type=kind, **beta, **more), module


def noises(module):
    drawn = iter(NOISE)
    module.randn_tensor = lambda *a, **k: torch.from_numpy(next(drawn).copy())[None]


def by_alpha(name, schedule, kind, steps, spacing, **more):
    """DDPM and DDIM: states have the strength of sqrt(alpha_cumprod)."""
    eta = more.pop("eta", None)
    clip = more.get("clip_sample", False)
    more.setdefault("clip_sample", False)
    s, module = scheduler(name, schedule, kind, timestep_spacing=spacing, **more)
    noises(module)
    s.set_timesteps(steps)
    step = {} if eta is None else dict(eta=eta, use_clipped_model_output=clip)
    x, states = torch.from_numpy(START.copy())[None], []
    for t in s.timesteps:
        alpha = float(s.alphas_cumprod[t])
        x = s.step(torch.from_numpy(output(kind, x.numpy(), alpha)), t, x, **step).prev_sample
        states.append(x[0].tolist())
    sampler = "ddpm" if eta is None else {"ddim": {"eta": eta}}
    return dict(sampler=sampler, schedule=schedule, spacing=spacing, clip=clip, prediction=kind,
                t=[float(t) for t in s.timesteps], states=states)


def by_sigma(name, sampler, schedule, kind, steps, spacing, **more):
    """Euler and Heun: states are divided by sqrt(1 + sigma^2)."""
    if spacing == "karras":
        s, module = scheduler(name, schedule, kind, use_karras_sigmas=True, **more)
        s.register_to_config(sigma_max=80.0, sigma_min=None)
    else:
        s, module = scheduler(name, schedule, kind, timestep_spacing=spacing, **more)
    noises(module)
    s.set_timesteps(steps)
    x = torch.from_numpy(START * np.sqrt(1 + float(s.sigmas[0]) ** 2))[None]
    s.is_scale_input_called = True  # the division is in the line before `step`
    states = []
    for i, t in enumerate(s.timesteps):
        sigma, after = float(s.sigmas[i]), float(s.sigmas[i + 1])
        alpha = 1 / (1 + sigma**2)
        out = output(kind, x.numpy() * np.sqrt(alpha), alpha)
        x = s.step(torch.from_numpy(out), t, x).prev_sample
        # Heun's states in between are guesses.
        if sampler != "heun" or i % 2 == 0 and after == 0 or i % 2 == 1:
            states.append((x.numpy()[0] / np.sqrt(1 + after**2)).tolist())
    t = [float(t) for t in s.timesteps]
    if sampler == "heun":
        t = t[:1] + t[1::2]
    return dict(sampler=sampler, schedule=schedule, spacing=spacing, clip=False, prediction=kind, t=t, states=states)


curves = {}
for schedule in ["linear", "cosine"]:
    plain = diffusers.DDPMScheduler(
        num_train_timesteps=1000,
        **(dict(beta_schedule="linear", beta_start=1e-4, beta_end=0.02) if schedule == "linear"
           else dict(beta_schedule="squaredcos_cap_v2")))
    curves[schedule] = [[i, float(plain.alphas_cumprod[i])] for i in PLACES]
exact = {
    schedule: [[i, float(scheduler("DDPMScheduler", schedule, "epsilon")[0].alphas_cumprod[i])] for i in PLACES]
    for schedule in ["linear", "cosine"]
}

runs = [
    by_alpha("DDPMScheduler", "cosine", "sample", 25, "trailing"),
    by_alpha("DDPMScheduler", "linear", "epsilon", 20, "leading"),
    by_alpha("DDPMScheduler", "linear", "v_prediction", 7, "trailing", clip_sample=True),
    by_alpha("DDIMScheduler", "cosine", "sample", 25, "trailing", eta=0.0),
    by_alpha("DDIMScheduler", "linear", "epsilon", 20, "trailing", eta=0.5),
    by_alpha("DDIMScheduler", "cosine", "v_prediction", 10, "leading", eta=1.0),
    by_alpha("DDIMScheduler", "linear", "epsilon", 10, "trailing", eta=0.0, clip_sample=True),
    by_sigma("EulerDiscreteScheduler", "euler", "cosine", "sample", 20, "trailing"),
    by_sigma("EulerDiscreteScheduler", "euler", "linear", "epsilon", 15, "karras"),
    by_sigma("EulerDiscreteScheduler", "euler", "cosine", "v_prediction", 1, "karras"),
    by_sigma("EulerAncestralDiscreteScheduler", "euler_ancestral", "linear", "epsilon", 20, "trailing"),
    by_sigma("EulerAncestralDiscreteScheduler", "euler_ancestral", "cosine", "v_prediction", 12, "trailing"),
    by_sigma("HeunDiscreteScheduler", "heun", "cosine", "epsilon", 12, "karras"),
    by_sigma("HeunDiscreteScheduler", "heun", "linear", "v_prediction", 10, "trailing"),
]


def rounded(x):
    if isinstance(x, float):
        return float(f"{x:.10g}")
    if isinstance(x, list):
        return [rounded(y) for y in x]
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    return x


document = dict(
    diffusers=diffusers.__version__, means=MEANS.tolist(), sd=SD, start=START.tolist(), noise=NOISE[:26].tolist(),
    curves=curves, exact=exact, runs=rounded(runs))
path = pathlib.Path(__file__).with_name("diffusion.json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
