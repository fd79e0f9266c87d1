"""Makes beam.json for tests/beam_search.rs: what beam search finds in the random GPT-2s beside it.
Made with transformers 5.23.0, torch 2.15.0, safetensors 0.8.0, on a CPU in f32.

    pip install torch transformers safetensors && python make_beam_fixtures.py .

Each case has the prompt, the settings, and the texts found, best first, with their scores.
"""

import json
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import GPT2Config, GPT2LMHeadModel

# Beams, the most tokens, length penalty, early stopping, and where, in the best texts of a search
# that nothing ends, stand the tokens that shall end a text.
SETTINGS = [
    (1, 8, 1.0, False, []),
    (2, 8, 1.0, False, []),
    (4, 10, 1.0, False, []),
    (5, 6, 0.0, False, []),
    (3, 10, 1.0, False, [3]),
    (4, 10, 1.0, False, [2, 5]),
    (4, 10, 2.0, "never", [4]),
    (4, 10, 0.5, True, [3, 4]),
    (3, 10, -0.5, False, [1, 4, 6]),
    (6, 7, 0.0, "never", [2, 4]),
    (4, 12, 1.0, "never", [1, 2]),
    (2, 12, 1.0, True, [2]),
]


def model_of(path):
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["config"])
    about.pop("model_type")
    model = GPT2LMHeadModel(GPT2Config(**about, attn_implementation="eager")).eval()
    tensors = load_file(path)
    state = {}
    for key, weight in tensors.items():
        if key in ("ids", "logits") or key.endswith((".attn.bias", ".masked_bias")):
            continue
        key = key.removeprefix("transformer.")
        key = key if key.startswith("lm_head") else "transformer." + key
        state[key] = weight.float()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    with torch.no_grad():
        logits = model(tensors["ids"].long()).logits
    assert (logits - tensors["logits"]).abs().max() < 1e-4
    return model, tensors["ids"].long()


def main(folder):
    folder = pathlib.Path(folder)
    cases = []
    for name in ("gpt2_tied", "gpt2_untied"):
        model, ids = model_of(folder / f"{name}.safetensors")
        for number, (beams, most, penalty, early, places) in enumerate(SETTINGS):
            prompt = ids[number % 2 : number % 2 + 1, : 3 + number % 4]
            model.generation_config.eos_token_id = None
            endless = model.generate(
                prompt, num_beams=3, num_return_sequences=3, max_new_tokens=7, do_sample=False, pad_token_id=0,
                attention_mask=torch.ones_like(prompt),
            )[:, prompt.shape[1]:].tolist()
            ends = sorted({endless[i][place] for i, place in enumerate(places)})
            options = dict(
                num_beams=beams, num_return_sequences=beams, max_new_tokens=most, do_sample=False,
                eos_token_id=ends or None, pad_token_id=0, return_dict_in_generate=True, output_scores=True,
                attention_mask=torch.ones_like(prompt),
            )
            if beams > 1:
                options |= dict(length_penalty=penalty, early_stopping=early)
            model.generation_config.eos_token_id = ends or None
            model.generation_config.bos_token_id = None
            found = model.generate(prompt, **options)
            texts = []
            for text in found.sequences[:, prompt.shape[1]:].tolist():
                for place, token in enumerate(text):
                    if token in ends:
                        text = text[: place + 1]
                        break
                texts.append(text)
            scores = found.sequences_scores.tolist() if beams > 1 else []
            keep = [i for i in range(len(texts)) if not scores or scores[i] > -1e8]
            cases.append(dict(
                model=name, prompt=prompt[0].tolist(), n_beams=beams, max_tokens=most,
                length_penalty=penalty, early_stopping=str(early).lower(), ends=ends,
                texts=[texts[i] for i in keep], scores=[scores[i] for i in keep] if scores else [],
            ))
            print(name, beams, most, ends, [len(t) for t in texts], scores)
    (folder / "beam.json").write_text(json.dumps(cases) + "\n")


main(sys.argv[1])
