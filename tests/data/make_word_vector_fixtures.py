#!/usr/bin/env python3
"""Makes tests/data/word_vectors/: one small set of words in every format, each as its own program writes
it. Needs gensim, numpy and safetensors.

    python make_word_vector_fixtures.py
"""

import json
import pathlib

import numpy as np
from gensim.models import KeyedVectors
from safetensors.numpy import save_file

WORDS = ["the", "New_York", "Österreich", "東京", "kitten"]
ROWS = (np.arange(20, dtype=np.float32).reshape(5, 4) - 7.25) / 8  # exact in every format, f16 included

out = pathlib.Path(__file__).parent / "word_vectors"
out.mkdir(exist_ok=True)
vectors = KeyedVectors(4)
vectors.add_vectors(WORDS, ROWS)
vectors.save_word2vec_format(str(out / "gensim.bin"), binary=True)
vectors.save_word2vec_format(str(out / "gensim.txt"), binary=False)
vectors.save_word2vec_format(str(out / "glove.txt"), binary=False, write_header=False)
np.save(out / "f32.npy", ROWS)
np.save(out / "f64.npy", ROWS.astype(np.float64))
np.save(out / "f16.npy", ROWS.astype(np.float16))
np.save(out / "columns.npy", np.asfortranarray(ROWS))
np.save(out / "big_endian.npy", ROWS.astype(">f4"))
(out / "words.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
save_file({"embeddings": ROWS}, out / "listed.safetensors")
(out / "listed.json").write_text(json.dumps({w: i for i, w in reversed(list(enumerate(WORDS)))}))
text = "\n".join(WORDS).encode()
save_file({"rows": ROWS, "words": np.frombuffer(text, np.uint8)}, out / "inside.safetensors",
          metadata={"name": "five words", "source": "made by a test"})
