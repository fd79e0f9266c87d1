"""Makes glove.json: what gensim 4.4 answers with the vectors that are built into Glassbox.

    pip install gensim numpy && python make_glove_fixtures.py > glove.json

Every twentieth of Google's questions, which gensim brings along, and the nearest words of a few sums.
"""

import json
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

LIMITS = [10_000, 30_000, 0]
SUMS = [
    "king -man woman",
    "paris -france italy",
    "mother man -woman",
    "girl man -woman",
    "tokyo -japan france",
    "sushi -japan germany",
    "walked -walk swim",
    "bigger -big cold",
    "king",
    "a",
    "1984",
    "'s",
]


def read(path):
    data = path.read_bytes()
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])

    def part(name, dtype):
        start, end = header[name]["data_offsets"]
        return np.frombuffer(data[8 + n + start : 8 + n + end], dtype)

    words = part("words", np.uint8).tobytes().decode().split("\n")
    words = [word for word in words if word]
    rows = part("rows", np.int8).reshape(len(words), -1).astype(np.float32)
    return words, rows * part("scales", np.float32)[:, None]


words, rows = read(Path(__file__).parent / "../../models/glove.safetensors")
kv = KeyedVectors(rows.shape[1])
kv.add_vectors(words, rows)

nearest = []
for sum_ in SUMS:
    terms = [(word.lstrip("-"), -1 if word.startswith("-") else 1) for word in sum_.split()]
    nearest.append({"terms": terms, "nearest": kv.most_similar(positive=terms, topn=10)})

lines, n = [], 0
for line in open(datapath("questions-words.txt"), encoding="utf-8"):
    if line.startswith(": "):
        lines.append(line.strip())
    else:
        if n % 20 == 0:
            lines.append(line.strip())
        n += 1

outcomes = {}
with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    file.write("\n".join(lines) + "\n")
    file.flush()
    for limit in LIMITS:
        _, sections = kv.evaluate_word_analogies(file.name, restrict_vocab=limit or None)
        answered = {
            (section["section"], question): kind[0]
            for section in sections[:-1]
            for kind in ["correct", "incorrect"]
            for question in section[kind]
        }
        name, said = None, ""
        for line in lines:
            if line.startswith(": "):
                name = line[2:].strip()
            else:
                said += answered.get((name, tuple(line.upper().split())), "s")
        outcomes[str(limit or len(words))] = said

fixture = {"nearest": nearest, "questions": "\n".join(lines) + "\n", "outcomes": outcomes}
json.dump(fixture, sys.stdout, ensure_ascii=False)
