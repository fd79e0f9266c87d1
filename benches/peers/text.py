"""Makes the text that the benchmark encodes: 20 MB that people wrote, nothing twice.

    python3 text.py OUT.txt

A text made of one book over and over flatters whoever remembers words. This one has prose and a
dictionary in English, seven other languages, manuals, and the sources of the crates that Glassbox is
built of. It needs a Debian system (the packages are downloaded and unpacked, not installed) and a
checkout that was built once. The text depends on the packages' versions; its SHA-256 is printed.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

# Debian package, what of it, megabytes at most.
PACKAGES = [
    ("jargon-text", "*", 1.0),
    ("fortunes", "*", 2.2),
    ("dict-gcide", "*.dict.dz", 3.2),
    ("perl-doc", "*.pod", 2.5),
    ("fortunes-de", "*", 1.2),
    ("fortunes-es", "*", 0.6),
    ("fortunes-ru", "*", 1.6),
    ("fortunes-zh", "*", 0.8),
    ("manpages-fr", "*.gz", 0.9),
    ("manpages-ja", "*.gz", 1.2),
    ("manpages-pl", "*.gz", 0.6),
]
TOTAL = 20_000_000
ROOT = Path(__file__).resolve().parents[2]


def text_of(path):
    """A file as text; nothing if it is none."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # The dictionary is older than UTF-8; what else is no UTF-8 is no text.
        text = data.decode("latin-1") if path.suffix == ".dz" else "\0"
    return "" if "\0" in text else text


def files_of(package, pattern, folder):
    subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob(f"{package}_*.deb")
    out = folder / package
    subprocess.run(["dpkg-deb", "-x", archive, out], check=True)
    ignored = ("changelog", "copyright", ".dat")
    found = sorted(path for path in out.rglob(pattern) if path.is_file() and not path.is_symlink())
    return [path for path in found if not any(word in path.name for word in ignored)]


def sources():
    """The sources of the crates in Cargo.lock, as cargo unpacked them."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    registry = home / "registry" / "src"
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    names = sorted(f"{crate['name']}-{crate['version']}" for crate in locked)
    folders = [found for name in names for found in sorted(registry.glob(f"*/{name}"))]
    for folder in folders:
        # The first few of each, or the bindings to operating systems would be all.
        chosen = [path for path in sorted(folder.rglob("*.rs")) if path.stat().st_size < 60_000]
        yield from [*sorted(folder.glob("README.md")), *chosen[:6]]


def main():
    parts, seen, n_bytes = [], set(), 0

    def add(files, most):
        nonlocal n_bytes
        start = n_bytes
        for path in files:
            text = text_of(path)
            digest = hashlib.sha256(text.encode()).digest()
            if not text or digest in seen:
                continue
            seen.add(digest)
            room = min(most - (n_bytes - start), TOTAL - n_bytes)
            data = text.encode()[: max(room, 0)].decode(errors="ignore")
            if not data:
                break
            parts.append(data)
            n_bytes += len(data.encode())
        return n_bytes - start

    with tempfile.TemporaryDirectory() as folder:
        for package, pattern, megabytes in PACKAGES:
            n = add(files_of(package, pattern, Path(folder)), int(megabytes * 1e6))
            print(f"{package:14} {n / 1e6:6.2f} MB")
    n = add(sources(), TOTAL)
    print(f"{'crates':14} {n / 1e6:6.2f} MB")
    text = "".join(parts).encode()
    Path(sys.argv[1]).write_bytes(text)
    print(f"{len(text)} bytes, SHA-256 {hashlib.sha256(text).hexdigest()}")


main()
