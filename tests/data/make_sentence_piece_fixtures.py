"""Trains three small SentencePiece models on a public-domain text and writes what the sentencepiece
library itself makes of some strings. Needs `pip install sentencepiece` (0.2.3 was used).

    python3 make_sentence_piece_fixtures.py moby_dick.txt FOLDER [how many strings]

With more strings than usual it also makes a model with all of NFKC's rules, which is too large for
this folder; GLASSBOX_SENTENCE_PIECE=FOLDER lets tests/vocabularies.rs read the files there instead.
"""

import json
import os
import random
import sys
from pathlib import Path

import sentencepiece

lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
os.chdir(sys.argv[2])  # a model remembers the paths it was trained with
n_strings = int(sys.argv[3]) if len(sys.argv) > 3 else 300

rules = Path("rules.tsv")
rules.write_text(
    "".join(
        "\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) + "\n"
        for rule in [
            ("ﬁ", "fi"), ("ﬂ", "fl"), ("①", "1"), ("\u212b", "\u00c5"), ("A\u030a", "\u00c5"), ("e\u0301", "\u00e9"),
            ("\u3000", " "), ("\t", " "), ("\n", " "), ("½", "1⁄2"), ("ＡＢ", "AB"), ("Ａ", "A"),
        ]
    )
)

common = dict(
    input_sentence_size=4000, shuffle_input_sentence=False, character_coverage=1.0,
    num_threads=1, minloglevel=2, hard_vocab_limit=False,
)
models = {
    # As Llama 2's was made.
    "bpe": dict(
        model_type="bpe", vocab_size=900, byte_fallback=True, normalization_rule_name="identity",
        remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True,
        user_defined_symbols=["whale", "<sep>"],
    ),
    # As T5's was made, with fewer rules for characters.
    "unigram": dict(
        model_type="unigram", vocab_size=700, normalization_rule_tsv="rules.tsv",
        user_defined_symbols=["<sep>", "ship"],
    ),
    "unigram_bytes": dict(
        model_type="unigram", vocab_size=800, byte_fallback=True, add_dummy_prefix=False,
        remove_extra_whitespaces=False, normalization_rule_name="identity",
    ),
}

if n_strings > 300:
    models["nfkc"] = dict(model_type="unigram", vocab_size=700)
    models["bpe_nfkc"] = dict(model_type="bpe", vocab_size=900, byte_fallback=True)

words = " ".join(lines[:2000]).split()
atoms = [
    " ", "  ", "   ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u0085", "\ufeff", "a", "aaaa", "aaaaaaa", "th",
    "the", "The", "whale", "whales", "ship", "<sep>", "<s>", "</s>", "<unk>", "<0x41>", "▁", "▁▁", "0", "12345", "é",
    "e\u0301", "\u0301", "ﬁ", "ﬂ", "①", "½", "\u212b", "A\u030a", "Ａ", "ＡＢ", "ß", "ñ", "后", "後", "안녕", "😉", "👩‍👩‍👧", "🇳🇴",
    "'s", "n't", "--", "...", "!?", "(", ")", "\"", "\x00", "\x07", "\x7f", "/", "\\", "_", "ing", "tion", "zzz", "qx",
]
chance = random.Random(7)
strings = ["", " ", "  ", "a", " a", "a ", "Call me Ishmael.", "x" * 1000, "ab " * 300, " " * 500]
while len(strings) < n_strings:
    n = chance.randint(1, 24)
    pick = lambda: chance.choice(words) + " " if chance.random() < 0.5 else chance.choice(atoms)
    strings.append("".join(pick() for _ in range(n)))

for name, options in models.items():
    stem = f"sentence_piece_{name}"
    trainer = sentencepiece.SentencePieceTrainer
    trainer.train(model_prefix=stem, sentence_iterator=iter(lines[:8000]), **options, **common)
    Path(f"{stem}.vocab").unlink()
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{stem}.model")
    made = []
    for string in strings:
        ids = processor.encode(string)
        made.append([string, ids, processor.decode(ids)])
    Path(f"{stem}.json").write_text(json.dumps(made, ensure_ascii=True, separators=(",", ":")))
rules.unlink()
