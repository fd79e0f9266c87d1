"""Writes sound.json: what librosa and torchaudio compute of the same samples.

The samples come from a generator of pseudo-random numbers that the test repeats, so that they need not be
written down. Run with librosa 0.11, PyTorch 2 and torchaudio 2:

    python tests/data/make_sound_fixtures.py
"""

import json
import pathlib

import librosa
import numpy as np
import torch
import torchaudio


def noise(n, state):
    """Park and Miller's minimal standard, from -1 to 1."""
    values = []
    for _ in range(n):
        state = state * 48271 % 2147483647
        values.append(state / 1073741823.5 - 1)
    return np.asarray(values, np.float32)


def digits(values):
    return [float(f"{v:.8g}") for v in np.asarray(values, np.float64).ravel()]


def both(values):
    values = np.asarray(values).ravel()
    return [digits(values.real), digits(values.imag)]


RATE = 22050
x = noise(3000, 1) * 0.5 + 0.4 * np.sin(2 * np.pi * 1000 * np.arange(3000) / RATE).astype(np.float32)
x = x.astype(np.float32)

stft = []
for window in ["hann", "hamming", "blackman", "boxcar"]:
    for padding in ["constant", "reflect", None]:
        args = dict(n_fft=256, hop_length=64, win_length=200, window=window)
        if padding is None:
            spectrum = librosa.stft(x, center=False, **args)
        else:
            spectrum = librosa.stft(x, pad_mode=padding, **args)
        at = [0, 1, spectrum.shape[1] // 2, spectrum.shape[1] - 1]
        frames = [both(spectrum[::8, t]) for t in at]
        stft.append(dict(window=window, padding=padding, n_frames=spectrum.shape[1], at=at, every_8th_bin=frames))

# A spectrum that no sound has: the inverse must average as librosa does.
re, im = noise(129 * 20, 2).reshape(20, 129), noise(129 * 20, 3).reshape(20, 129)
inverse = librosa.istft((re + 1j * im).T, hop_length=64, win_length=200, n_fft=256, length=1200)

bins = np.abs(noise(257, 4))
mel = []
for htk in [False, True]:
    for norm in ["slaney", None]:
        bank = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=24, fmin=50, fmax=9000, htk=htk, norm=norm)
        mel.append(dict(htk=htk, norm=norm, weights_times_bins=digits(bank @ bins), filter_5=digits(bank[5, :60]), filter_20=digits(bank[20, 120:200])))
banks = torchaudio.functional.melscale_fbanks(257, 50.0, 9000.0, 24, RATE, None, "htk")
torch_mel = digits(torch.from_numpy(bins) @ banks)
inverse_mel = torchaudio.transforms.InverseMelScale(257, 24, RATE, 50.0, 9000.0, None, "htk", driver="gelsd")
torch_back = digits(inverse_mel((torch.from_numpy(bins) @ banks)[:, None])[:, 0])

magnitudes = np.abs(noise(200, 5)) ** 6
db = digits(librosa.amplitude_to_db(magnitudes, ref=np.max))

shape = dict(hop_length=128, win_length=512, n_fft=512)
S = np.abs(librosa.stft(x, **shape))
griffin_lim = []
for momentum in [0.0, 0.99]:
    def convergence(y):
        return float(np.linalg.norm(np.abs(librosa.stft(y, **shape)) - S) / np.linalg.norm(S))
    run = lambda n, **args: librosa.griffinlim(S, n_iter=n, momentum=momentum, length=3000, **shape, **args)
    random = [convergence(run(32, init="random", random_state=seed)) for seed in range(20)]
    griffin_lim.append(
        dict(
            momentum=momentum,
            zero_phase_after_3=digits(run(3, init=None)[::10]),
            zero_phase_convergence_32=convergence(run(32, init=None)),
            random_convergence_32=[float(np.mean(random)), float(np.std(random))],
        )
    )

# The sound of the reference data, a second of it, at Riffusion's parameters.
here = pathlib.Path(__file__).parent
reference = here / "../../../shared/reference/sound/phrase_44100.wav"
phrase = None
if reference.exists():
    y, rate = librosa.load(reference, sr=None, offset=0.5, duration=1.0)
    riffusion = dict(hop_length=441, win_length=4410, n_fft=17640)
    R = np.abs(librosa.stft(y, **riffusion))
    phrase = {}
    for momentum in [0.0, 0.99]:

        def convergence(**start):
            sound = librosa.griffinlim(R, n_iter=32, momentum=momentum, length=len(y), **start, **riffusion)
            off = np.abs(librosa.stft(sound, **riffusion)) - R
            return float(np.linalg.norm(off) / np.linalg.norm(R))

        random = [convergence(random_state=seed) for seed in range(64)]
        phrase[str(momentum)] = dict(
            zero_phase=convergence(init=None),
            random=[float(np.mean(random)), float(np.std(random))],
        )

out = dict(
    librosa=librosa.__version__,
    torchaudio=torchaudio.__version__,
    stft=stft,
    inverse=digits(inverse[::5]),
    mel=mel,
    torch_mel=torch_mel,
    torch_back=torch_back,
    amplitude_to_db=db,
    griffin_lim=griffin_lim,
    phrase_convergence_32=phrase,
)
(here / "sound.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
