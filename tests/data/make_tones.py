"""Writes tone.flac, tone.ogg and tone.mp3: a quarter of a second of 440 Hz at half of full scale.

Run with soundfile 0.13 (libsndfile 1.2):

    python tests/data/make_tones.py
"""

import pathlib

import numpy as np
import soundfile

here = pathlib.Path(__file__).parent
tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(5512) / 22050)
soundfile.write(here / "tone.flac", tone, 22050, subtype="PCM_16")
soundfile.write(here / "tone.ogg", tone, 22050, format="OGG", subtype="VORBIS")
soundfile.write(here / "tone.mp3", tone, 22050, format="MP3")
