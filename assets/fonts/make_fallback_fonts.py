"""Makes the fonts in fallback/ from the published ones: fewer characters, no hints, nothing redrawn.

    python3 -m venv venv && venv/bin/pip install fonttools
    apt-get download fonts-noto-core fonts-noto-cjk        # and dpkg-deb -x each of them into SYSTEM
    npm pack @expo-google-fonts/noto-emoji                 # and tar xzf it
    venv/bin/python make_fallback_fonts.py SYSTEM/usr/share/fonts package/400Regular/NotoEmoji_400Regular.ttf

Of Noto Sans CJK it keeps what people write every day and what the built-in vocabularies know: the
ideographs of GB 2312, of Big5's first level and of JIS X 0208, kana, all Hangul syllables, and every
character that is a whole token of GPT-2, cl100k or o200k.
"""

import base64
import gzip
import pathlib
import subprocess
import sys

from fontTools.ttLib import TTFont

HERE = pathlib.Path(__file__).parent
SCRIPTS = (
    "Arabic Armenian Bengali Devanagari Georgian Gujarati Gurmukhi Hebrew Kannada Khmer Lao "
    "Malayalam Myanmar Oriya Sinhala Tamil Telugu Thai"
).split()
NAMES = "--name-IDs=1,2,3,5,6,13,14"


def two_bytes(encoding, first, last):
    """The characters of an East Asian standard between two leading bytes."""
    found = set()
    for high in range(first, last + 1):
        for low in range(0x40 if encoding == "big5" else 0xA1, 0xFF):
            try:
                found.add(ord(bytes([high, low]).decode(encoding)))
            except (UnicodeDecodeError, TypeError):
                pass
    return found


def whole_tokens():
    """The characters beyond ASCII that stand whole in a token of a built-in vocabulary."""
    found = set()
    for name in ("r50k_base", "cl100k_base", "o200k_base"):
        path = HERE.parent / "vocabularies" / f"{name}.tiktoken.gz"
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            token = base64.b64decode(line.split()[0])
            found |= {ord(c) for c in token.decode("utf-8", "ignore")}
    return found


def east_asian():
    ideographs = (
        two_bytes("gb2312", 0xB0, 0xF7)
        | two_bytes("big5", 0xA4, 0xC6)
        | two_bytes("euc_jp", 0xB0, 0xF4)
        | {c for c in whole_tokens() if 0x3400 <= c <= 0x9FFF or c >= 0x20000}
    )
    blocks = [
        (0x2E80, 0x2F00), (0x3000, 0x3100), (0x3130, 0x3190), (0x31F0, 0x3200),
        (0xAC00, 0xD7A4), (0xFF01, 0xFFF0),
    ]
    wanted = ideographs.union(*(range(*block) for block in blocks))
    return {c for c in wanted if c >= 0x2E80}


def subset(font, characters, target, *options):
    codes = ",".join(f"{c:X}" for c in sorted(characters))
    listed = HERE / "characters.txt"
    listed.write_text(codes)
    command = ["-m", "fontTools.subset", str(font), f"--unicodes-file={listed}", "--no-hinting", NAMES]
    subprocess.run([sys.executable, *command, f"--output-file={target}", *options], check=True)
    listed.unlink()


def main(system, emoji):
    fonts, target = pathlib.Path(system), HERE / "fallback"
    for script in SCRIPTS:
        font = fonts / "truetype" / "noto" / f"NotoSans{script}-Regular.ttf"
        # Latin letters and digits are Inter's and JetBrains Mono's to draw.
        own = {c for c in TTFont(font, lazy=True).getBestCmap() if c > 0x2FF}
        subset(font, own, target / f"NotoSans{script}.ttf")
    cjk = fonts / "opentype" / "noto" / "NotoSansCJK-Regular.ttc"
    flat = ["--font-number=2", "--layout-features=", "--drop-tables+=vhea,vmtx,VORG,GPOS,GSUB,BASE"]
    subset(cjk, east_asian(), target / "NotoSansCJKsc.otf", *flat)
    own = {c for c in TTFont(emoji, lazy=True).getBestCmap() if c > 0xFF}
    subset(emoji, own, target / "NotoEmoji.ttf", "--layout-features=*")


if __name__ == "__main__":
    main(*sys.argv[1:])
