"""What librosa and torchaudio take for the work of benches/griffin_lim.rs, on the same sound.

    OMP_NUM_THREADS=1 python benches/griffin_lim.py 1
    OMP_NUM_THREADS=2 python benches/griffin_lim.py 2

librosa 0.11 transforms on one thread whatever is asked; torchaudio on as many as it is told.
"""

import sys
import time

import librosa
import numpy as np
import torch
import torchaudio

RATE = 44100
N_THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(N_THREADS)


def sound(secs):
    """The bench's own: a chord whose partials fade, over a little noise."""
    t = np.arange(int(secs * RATE)) / RATE
    y = sum(np.sin(2 * np.pi * hz * t) * np.exp(-((t * 2) % 1) * k / 3) for k, hz in enumerate([220, 277.18, 329.63, 440, 880, 1760], 1))
    state, noise = 1, np.empty(len(t))
    for i in range(len(t)):
        state = state * 48271 % 2147483647
        noise[i] = state / 1073741823.5 - 1
    return (0.12 * y + 0.01 * noise).astype(np.float32)


def best(work, rounds):
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        value = work()
        times.append(time.perf_counter() - started)
    return min(times), sorted(times)[len(times) // 2], value


def convergence(y, S, **shape):
    again = np.abs(librosa.stft(y, **shape))[:, : S.shape[1]]
    return np.linalg.norm(again - S) / np.linalg.norm(S)


y = sound(5)
for name, n_fft, win, hop in [("Riffusion's 17640/4410/441", 17640, 4410, 441), ("2048/2048/512", 2048, 2048, 512)]:
    shape = dict(n_fft=n_fft, win_length=win, hop_length=hop)
    S = np.abs(librosa.stft(y, **shape))
    run = lambda: librosa.griffinlim(S, n_iter=32, momentum=0.99, length=len(y), **shape)
    low, middle, found = best(run, 3)
    print(f"librosa {name}: {1000 * low:.0f} ms (median {1000 * middle:.0f}), convergence {convergence(found, S, **shape):.4f}", flush=True)
    griffin_lim = torchaudio.transforms.GriffinLim(n_fft=n_fft, win_length=win, hop_length=hop, n_iter=32, momentum=0.99, power=1.0, length=len(y))
    T = torch.from_numpy(S)
    with torch.inference_mode():
        low, middle, found = best(lambda: griffin_lim(T), 3)
    print(f"torchaudio {name}, {N_THREADS} threads: {1000 * low:.0f} ms (median {1000 * middle:.0f}), convergence {convergence(found.numpy(), S, **shape):.4f}", flush=True)

minute = sound(60)
low, middle, _ = best(lambda: librosa.stft(minute, n_fft=2048), 3)
print(f"librosa, transform of a minute: {1000 * low:.0f} ms (median {1000 * middle:.0f})")
window = torch.hann_window(2048)
with torch.inference_mode():
    low, middle, _ = best(lambda: torch.stft(torch.from_numpy(minute), 2048, 512, window=window, return_complex=True), 3)
print(f"torch, transform of a minute, {N_THREADS} threads: {1000 * low:.0f} ms (median {1000 * middle:.0f})")
