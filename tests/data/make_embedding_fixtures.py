"""What other libraries compute of the points and the text of src/algo/oracle.rs.

pip install numpy==2.* scipy==1.17.1 scikit-learn==1.9.1 umap-learn==0.5.12
python make_embedding_fixtures.py   # writes embedding_oracles.json and tsne_sklearn.f32 beside itself
"""

import json
import pathlib

import numpy as np
import umap
from scipy.sparse.linalg import svds
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness

HERE = pathlib.Path(__file__).parent


class Lcg:
    """Knuth's MMIX generator: whole numbers, the same in every language."""

    def __init__(self, state):
        self.state = state

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def points(n, width=20, n_groups=12):
    """Groups of different sizes around centres, drawn out along one direction each."""
    draw = Lcg(2026)
    spread = lambda: sum(draw.below(1024) for _ in range(4)) - 2046
    centres = [[draw.below(16384) - 8192 for _ in range(width)] for _ in range(n_groups)]
    along = [[draw.below(2048) - 1024 for _ in range(width)] for _ in range(n_groups)]
    rows = []
    for _ in range(n):
        group = min(draw.below(n_groups), draw.below(n_groups))
        far = draw.below(9) - 4
        rows.append([(centres[group][c] + far * along[group][c] + 2 * spread()) / 1024 for c in range(width)])
    return np.array(rows, dtype=np.float32)


def text(n, n_words=60):
    """Words, low numbers oftener; each tends to follow its neighbours in number."""
    draw = Lcg(1851)
    words, last = [], 0
    for _ in range(n):
        if draw.below(3) == 0:
            last = min(draw.below(n_words), draw.below(n_words))
        else:
            last = (last + draw.below(5)) % n_words
        words.append(last)
    return words


def ppmi(words, n_words, reach, smoothing, shift):
    counts = np.zeros((n_words, n_words))
    for at, word in enumerate(words):
        for distance in range(1, reach + 1):
            if at >= distance:
                counts[word, words[at - distance]] += 1 / distance
                counts[words[at - distance], word] += 1 / distance
    p = counts / counts.sum()
    context = counts.sum(axis=0) ** smoothing
    with np.errstate(divide="ignore"):
        pmi = np.log(p / (p.sum(axis=1)[:, None] * (context / context.sum())[None, :])) - np.log(shift)
    return counts, np.maximum(pmi, 0)


x = points(2000)
some = x[:200].astype(np.float64)
pca = PCA(3, svd_solver="full").fit(some)
counts, weighted = ppmi(text(4000), 60, 4, 0.75, 2.0)
left, values, right = svds(weighted, k=8)
order = np.argsort(-values)
tsne = TSNE(2, perplexity=30, init="pca", learning_rate="auto", random_state=0)
tsne.fit_transform(x).astype("<f4").tofile(HERE / "tsne_sklearn.f32")
laid_out = umap.UMAP(n_neighbors=15, min_dist=0.1, random_state=0).fit_transform(x)
oracles = {
    "points_checksum": float(x.astype(np.float64).sum()),
    "pca_components": pca.components_.tolist(),
    "pca_explained_variance": pca.explained_variance_.tolist(),
    "pca_explained_ratio": pca.explained_variance_ratio_.tolist(),
    "counts_sum": counts.sum(),
    "ppmi_sum": weighted.sum(),
    "ppmi_row_7": weighted[7].tolist(),
    "svd_values": values[order].tolist(),
    "svd_left": left.T[order].tolist(),
    "svd_right": right[order].tolist(),
    "tsne_kl": tsne.kl_divergence_,
    "tsne_trust_15": trustworthiness(x, tsne.embedding_, n_neighbors=15),
    "umap_trust_15": trustworthiness(x, laid_out, n_neighbors=15),
}
(HERE / "embedding_oracles.json").write_text(json.dumps(oracles, indent=1, default=float) + "\n")
