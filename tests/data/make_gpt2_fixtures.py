"""Makes the fixtures of tests/gpt2.rs: small random GPT-2s with the logits that Hugging Face's
transformers gives them. Made with transformers 5.23.0, torch 2.15.0, safetensors 0.8.0, on a CPU in f32.

    pip install torch transformers safetensors && python make_gpt2_fixtures.py .

Each file holds a model as it would be saved, its configuration under the metadata key `config`, and
beside the weights `ids` (texts, positions) and `logits` (texts, positions, vocabulary).
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

SHAPES = {
    # name: (configuration, prefix of the names, dtype of the weights, whether old masks are there)
    "gpt2_tied": (
        dict(vocab_size=61, n_positions=24, n_embd=28, n_head=4, n_layer=2),
        "transformer.", torch.float32, True,
    ),
    "gpt2_untied": (
        dict(vocab_size=97, n_positions=40, n_embd=30, n_head=3, n_layer=2, n_inner=50,
             tie_word_embeddings=False, layer_norm_epsilon=1e-3),
        "", torch.float32, False,
    ),
    "gpt2_f16": (
        dict(vocab_size=33, n_positions=17, n_embd=24, n_head=2, n_layer=4),
        "", torch.float16, False,
    ),
}


def main(folder):
    for name, (shape, prefix, dtype, masks) in SHAPES.items():
        torch.manual_seed(0)
        config = GPT2Config(**shape, attn_implementation="eager")
        model = GPT2LMHeadModel(config).eval()
        with torch.no_grad():
            for key, weight in model.named_parameters():
                # Larger than at initialisation, so that every part of the model matters.
                weight.normal_(1.0 if ".ln" in key and key.endswith("weight") else 0.0, 0.25)
                weight.copy_(weight.to(dtype).float())
            ids = torch.randint(config.vocab_size, (2, config.n_positions))
            logits = model(ids).logits
        tensors = {}
        for key, weight in model.named_parameters():
            key = key.removeprefix("transformer.")
            key = key if key.startswith("lm_head") else prefix + key
            tensors[key] = weight.detach().to(dtype).contiguous()
        if masks:
            n = config.n_positions
            for i in range(config.n_layer):
                mask = torch.tril(torch.ones(n, n, dtype=torch.uint8)).view(1, 1, n, n)
                tensors[f"{prefix}h.{i}.attn.bias"] = mask
                tensors[f"{prefix}h.{i}.attn.masked_bias"] = torch.tensor(-1e4)
        tensors["ids"] = ids.to(torch.int32)
        tensors["logits"] = logits
        about = json.dumps({"model_type": "gpt2", **shape})
        save_file(tensors, pathlib.Path(folder) / f"{name}.safetensors", {"config": about})
        print(name, float(logits.std()))


main(sys.argv[1])
