"""Makes the fixtures of tests/inside.rs: small random GPT-2s and Llamas with the hidden states and
attentions that Hugging Face's transformers gives them. Made with transformers 5.23.0, torch 2.15.0,
safetensors 0.8.0, on a CPU in f32.

    pip install torch transformers safetensors && python make_inside_fixtures.py .

Each file holds a model as it would be saved, its configuration under the metadata key `config`, and
beside the weights (in f16, which is what they were rounded to before anything was computed) `ids`,
`hidden` (blocks + 1, positions, width; the last after the final norm) and `attentions` (blocks, heads,
positions, positions).
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

GPT2 = {
    "inside_gpt2_narrow": dict(vocab_size=53, n_positions=20, n_embd=24, n_head=4, n_layer=3),
    "inside_gpt2_wide": dict(vocab_size=40, n_positions=33, n_embd=40, n_head=5, n_layer=2,
                             n_inner=52, layer_norm_epsilon=1e-3, tie_word_embeddings=False),
}
LLAMA = {
    "inside_llama_grouped": dict(vocab_size=61, hidden_size=36, intermediate_size=52,
                                 num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
                                 max_position_embeddings=64, rms_norm_eps=1e-5,
                                 tie_word_embeddings=True,
                                 rope_parameters=dict(rope_type="default", rope_theta=10000.0)),
    "inside_llama_single": dict(vocab_size=45, hidden_size=32, intermediate_size=44,
                                num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1,
                                max_position_embeddings=64, rms_norm_eps=1e-6,
                                tie_word_embeddings=False,
                                rope_parameters=dict(rope_type="default", rope_theta=100000.0)),
}


def make(folder, name, model, n, about):
    torch.manual_seed(0)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            # Larger than at initialisation, so that every part of the model matters.
            is_gain = "norm.weight" in key or "layernorm.weight" in key or (
                ".ln_" in key and key.endswith("weight"))
            weight.normal_(1.0 if is_gain else 0.0, 0.25)
            weight.copy_(weight.half().float())
        ids = torch.randint(model.config.vocab_size, (1, n))
        out = model(ids, output_hidden_states=True, output_attentions=True)
    tensors = {key: weight.detach().half().contiguous() for key, weight in model.named_parameters()}
    tensors["ids"] = ids[0].to(torch.int32)
    tensors["hidden"] = torch.stack([h[0] for h in out.hidden_states]).contiguous()
    tensors["attentions"] = torch.stack([a[0] for a in out.attentions]).contiguous()
    save_file(tensors, pathlib.Path(folder) / f"{name}.safetensors", {"config": json.dumps(about)})
    print(name, float(tensors["hidden"].std()), float(tensors["attentions"].max()))


def main(folder):
    for name, shape in GPT2.items():
        model = GPT2LMHeadModel(GPT2Config(**shape, attn_implementation="eager")).eval()
        make(folder, name, model, 12, {"model_type": "gpt2", **shape})
    for name, shape in LLAMA.items():
        model = LlamaForCausalLM(LlamaConfig(**shape, attn_implementation="eager")).eval()
        about = {key: value for key, value in shape.items() if key != "rope_parameters"}
        about["rope_theta"] = shape["rope_parameters"]["rope_theta"]
        make(folder, name, model, 12, {"model_type": "llama", **about})


main(sys.argv[1])
