"""The peers that Python has, on the text of GLASSBOX_BENCH_TEXT and one thread: tiktoken for encoding,
rustbpe and tokenizers for learning.

    pip install tiktoken rustbpe tokenizers
    python3 python_peers.py [encode] [learn]

tiktoken's vocabularies are made from the ranks in assets/vocabularies, so nothing is downloaded.
"""

import os

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import base64
import sys
import time
from pathlib import Path

import rustbpe
import tiktoken
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "vocabularies"
TEXT = Path(os.environ["GLASSBOX_BENCH_TEXT"]).read_bytes().decode()
N_BYTES = len(TEXT.encode())
N_MERGES = 32_000
GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""
CL100K = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""
O200K = r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"""


def best_of(rounds, work):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def encode():
    for name, file, pattern in [
        ("gpt2", "r50k_base", GPT2),
        ("cl100k", "cl100k_base", CL100K),
        ("o200k", "o200k_base", O200K),
    ]:
        lines = (ASSETS / f"{file}.tiktoken").read_bytes().split(b"\n")
        ranks = {base64.b64decode(t): int(r) for t, r in (line.split() for line in lines if line)}
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        ids = len(encoding.encode_ordinary(TEXT))
        seconds = best_of(2, lambda encoding=encoding: encoding.encode_ordinary(TEXT))
        print(f"tiktoken {tiktoken.__version__} {name}: {N_BYTES / 1e6 / seconds:.1f} MB/s, {ids} tokens")


def learn():
    def with_rustbpe():
        rustbpe.Tokenizer().train_from_iterator(iter(TEXT.splitlines(True)), 256 + N_MERGES, pattern=GPT2)

    def with_tokenizers():
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=256 + N_MERGES,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(TEXT.splitlines(True), trainer)

    for name, work in [("rustbpe", with_rustbpe), ("tokenizers", with_tokenizers)]:
        print(f"{name}: {N_MERGES} merges in {best_of(2, work):.2f} s")


for what in sys.argv[1:] or ["encode", "learn"]:
    {"encode": encode, "learn": learn}[what]()
