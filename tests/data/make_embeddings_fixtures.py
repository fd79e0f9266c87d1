"""Makes embeddings.json: what gensim 4.4 answers about a small set of random vectors.

    pip install gensim numpy && python make_embeddings_fixtures.py > embeddings.json

Numbers are multiples of 1/64, so that they are the same in every format. Among the words are some
that differ only by capital letters, and one with a vector of zeros. No two vectors are the same:
numpy leaves open which of two equally near words gensim finds.
"""

import json
import random
import sys
import tempfile

import numpy as np
from gensim.models import KeyedVectors

WIDTH = 10
random.seed(4)
rng = np.random.default_rng(4)

words = [f"w{i}" for i in range(180)] + ["apple", "Berlin", "straße", "x-ray", "New_York"]
rows = rng.integers(-64, 65, (len(words), WIDTH))
# The same word in other letters: the first counts where capitals are small letters.
for word in ["Apple", "APPLE", "W3", "berlin", "W17", "STRASSE"]:
    words.append(word)
    rows = np.vstack([rows, rng.integers(-64, 65, (1, WIDTH))])
# Vectors that nearly are others': neighbours that questions find.
for i in range(0, 120, 2):
    words.append(f"near{i}")
    rows = np.vstack([rows, rows[i] - rows[i + 1] + rows[i + 2] + rng.integers(-9, 10, WIDTH)])
words.append("zero")
rows = np.vstack([rows, np.zeros((1, WIDTH), int)])

kv = KeyedVectors(WIDTH)
kv.add_vectors(words, (rows / 64).astype(np.float32))

nearest = []
for _ in range(12):
    chosen = random.sample(words[:180], 4)
    weights = [round(random.uniform(-2, 2), 2) for _ in chosen]
    terms = list(zip(chosen, weights))
    found = kv.most_similar(positive=terms, topn=12)
    nearest.append({"terms": terms, "nearest": found})
for a, b, c in [random.sample(words[:180], 3) for _ in range(12)]:
    found = kv.most_similar(positive=[a, b], negative=[c], topn=12)
    nearest.append({"terms": [(a, 1), (b, 1), (c, -1)], "nearest": found})

lines = [": found"]
for i in range(0, 120, 2):
    lines.append(f"w{i + 1} w{i} w{i + 2} near{i}")
lines += ["not a question", "", "five words are none either", ":  by chance "]
for _ in range(200):
    lines.append(" ".join(random.choices(words[:-1], k=4)))
lines += [": letters", "W1 W0 w2 NEAR0", "strasse w3 apple w5", "w3 W3 w4 w5", "apple w1 Apple w2"]
lines += ["w1 w0 w2 unknown", "missing w0 w2 near0", "w7 w6 w8 near6", "w5 w5 w9 w9"]
text = "\n".join(lines) + "\n"

outcomes = {}
with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    file.write(text)
    file.flush()
    for limit in [None, 100, 190, 230]:
        _, sections = kv.evaluate_word_analogies(file.name, restrict_vocab=limit)
        answered = {}
        for section in sections[:-1]:
            for kind in ["correct", "incorrect"]:
                for question in section[kind]:
                    answered.setdefault((section["section"], question), []).append(kind[0])
        name, said = None, ""
        for line in lines:
            if line.startswith(": "):
                name = line.lstrip(": ").strip()
            elif len(line.split()) == 4:
                question = tuple(word.upper() for word in line.split())
                said += answered.get((name, question), ["s"])[0]
        outcomes[str(limit or len(words))] = said

json.dump(
    {
        "words": words,
        "width": WIDTH,
        "sixty_fourths": rows.flatten().tolist(),
        "nearest": nearest,
        "questions": text,
        "outcomes": outcomes,
    },
    sys.stdout,
    ensure_ascii=False,
)
