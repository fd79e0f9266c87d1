"""Two clouds of points and the Fréchet distance of the normal distributions fitted to them, by SciPy.

python make_frechet_fixtures.py   (numpy, scipy; 1.17.1 made frechet.json)
"""

import json
from pathlib import Path

import numpy as np
from scipy.linalg import sqrtm

rng = np.random.default_rng(5)
width = 7
a = (rng.normal(size=(40, width)) @ rng.normal(size=(width, width))).astype(np.float32)
b = (rng.normal(size=(50, width)) @ rng.normal(size=(width, width)) + 0.5).astype(np.float32)
flat = a.copy()
flat[:, 3] = flat[:, 1] - flat[:, 2]  # one dimension less


def squared(x, y):
    """As pytorch-fid computes it."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    s, t = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    return float(((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(s + t - 2 * sqrtm(s @ t).real))


out = {
    "width": width,
    "a": a.ravel().tolist(),
    "b": b.ravel().tolist(),
    "flat": flat.ravel().tolist(),
    "a_b": squared(a, b),
    "a_flat": squared(a, flat),
}
(Path(__file__).parent / "frechet.json").write_text(json.dumps(out) + "\n")
print(out["a_b"], out["a_flat"])
