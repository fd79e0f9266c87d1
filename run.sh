#!/usr/bin/env bash
# Builds Glassbox and opens its window: ./run.sh [FILE…] or ./run.sh VERB …
# Installs what the system lacks (Debian and its kin), fetches the larger language model once, asks nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/setup.sh

say "1/3  System libraries"
install_system_packages "${BUILD_PACKAGES[@]}" "${WINDOW_PACKAGES[@]}"
say "2/3  Language model"
fetch_models
say "3/3  Build (the first takes several minutes, later ones seconds)"
need_cargo
cargo build --release --locked
exec target/release/glassbox "$@"
