"""Makes a folder of faces in which half have one value of one attribute: for a generator that has lost it.

    pip install pillow && python more_of.py FACES hair_color green OUT

FACES is a folder that assets/faces/draw_faces.mjs drew; OUT gets one `faces-0.png` and `faces-0.tsv`, which
`glassbox train gan --data OUT` reads: all faces with the value and the first as many without it, in their order.
"""

import sys
from pathlib import Path

from PIL import Image

SIDE, COLUMNS = 64, 16


def main(folder: Path, attribute: str, value: str, out: Path) -> None:
    pictures, lines, header = [], [], ""
    for number in range(10):
        tsv = folder / f"faces-{number}.tsv"
        if not tsv.exists():
            break
        header, *more = tsv.read_text().splitlines()
        atlas = Image.open(folder / f"faces-{number}.png").convert("RGB")
        columns = atlas.width // SIDE
        for i in range(len(more)):
            x, y = i % columns * SIDE, i // columns * SIDE
            pictures.append(atlas.crop((x, y, x + SIDE, y + SIDE)))
        lines += more
    at = header.split("\t").index(attribute)
    wanted = [i for i, line in enumerate(lines) if line.split("\t")[at] == value]
    others = [i for i, line in enumerate(lines) if line.split("\t")[at] != value][: len(wanted)]
    chosen = sorted(wanted + others)
    chosen = chosen[: len(chosen) // COLUMNS * COLUMNS]
    out.mkdir(parents=True, exist_ok=True)
    atlas = Image.new("RGB", (COLUMNS * SIDE, len(chosen) // COLUMNS * SIDE))
    for place, i in enumerate(chosen):
        atlas.paste(pictures[i], (place % COLUMNS * SIDE, place // COLUMNS * SIDE))
    atlas.save(out / "faces-0.png")
    (out / "faces-0.tsv").write_text("\n".join([header, *(lines[i] for i in chosen)]) + "\n")
    print(f"{len(chosen)} faces, {len(wanted)} of them with {attribute} {value}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
