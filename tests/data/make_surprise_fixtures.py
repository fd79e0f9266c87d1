"""Makes surprise.json: what Hugging Face's transformers says of random tokens under the random GPT-2s of
make_gpt2_fixtures.py, token by token, by its own recipe for texts longer than the context (windows with a
stride of half of it). Made with transformers 5.23.0, torch 2.15.0, on a CPU in f64.

    pip install torch transformers safetensors && python make_surprise_fixtures.py .
"""

import json
import pathlib
import sys

import torch
from safetensors import safe_open
from transformers import GPT2Config, GPT2LMHeadModel


def load(path):
    with safe_open(path, "pt") as file:
        config = GPT2Config(**json.loads(file.metadata()["config"]), attn_implementation="eager")
        model = GPT2LMHeadModel(config).eval()
        state = model.state_dict()
        for key in file.keys():
            name = key if key.startswith(("transformer.", "lm_head")) else f"transformer.{key}"
            if name in state and not name.endswith((".attn.bias", ".masked_bias")):
                state[name].copy_(file.get_tensor(key))
    return model.double(), config


def main(folder):
    out = {}
    for name in ("gpt2_tied", "gpt2_untied", "gpt2_f16"):
        model, config = load(folder / f"{name}.safetensors")
        torch.manual_seed(1)
        n_ctx = config.n_positions
        ids = torch.randint(config.vocab_size, (1, 4 * n_ctx + 3))
        bits, seen, previous_end = [], [], 1
        for begin in range(0, ids.shape[1], n_ctx // 2):
            end = min(begin + n_ctx, ids.shape[1])
            with torch.no_grad():
                logits = model(ids[:, begin:end]).logits[0, :-1]
            nats = torch.nn.functional.cross_entropy(logits, ids[0, begin + 1 : end], reduction="none")
            new = range(previous_end, end)
            bits += [nats[i - begin - 1].item() / torch.tensor(2.0).double().log().item() for i in new]
            seen += [i - begin for i in new]
            previous_end = end
            if end == ids.shape[1]:
                break
        out[name] = {"ids": ids[0].tolist(), "bits": [round(b, 7) for b in bits], "n_seen": seen}
    text = "{" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()) + "}\n"
    (folder / "surprise.json").write_text(text)


main(pathlib.Path(sys.argv[1]))
