"""What numpy and faiss's flat index take for the question of nearest.rs, part by part as there.

    pip install numpy faiss-cpu
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python nearest.py
"""

import os
import time

import faiss
import numpy as np

N_PARTS, N_WORDS, WIDTH, ROUNDS = 8, 50_000, 300, 25

faiss.omp_set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
rng = np.random.default_rng(1)
tables = [rng.random((N_WORDS, WIDTH), dtype=np.float32) * 2 - 1 for _ in range(N_PARTS)]
norms = [np.linalg.norm(table, axis=1) for table in tables]
query = rng.random(WIDTH, dtype=np.float32)
query /= np.linalg.norm(query)
indexes = [faiss.IndexFlatIP(WIDTH) for _ in tables]
for index, table in zip(indexes, tables):
    index.add(table)


def with_numpy(part):
    scores = tables[part] @ query / norms[part]
    best = np.argpartition(-scores, 13)[:13]
    return best[np.argsort(-scores[best])]


def with_faiss(part):
    return indexes[part].search(query[None], 13)


tasks = {"numpy": with_numpy, "faiss flat": with_faiss}
millis = {name: [[] for _ in tables] for name in tasks}
for _ in range(ROUNDS):
    for name, task in tasks.items():
        for part in range(N_PARTS):
            started = time.perf_counter()
            task(part)
            millis[name][part].append((time.perf_counter() - started) * 1e3)
for name, parts in millis.items():
    best = sum(min(part) for part in parts)
    median = sum(sorted(part)[ROUNDS // 2] for part in parts)
    print(f"{name:<24} best {best:6.1f} ms, median {median:6.1f} ms")
