#!/usr/bin/env bash
# Every check of Glassbox, from nothing: system libraries, model, format, lints, tests, the real window.
# Asks nothing and works twice. GLASSBOX_NO_FETCH=1 leaves the larger model out; its tests then say "skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/setup.sh

say "1/6  System libraries"
install_system_packages "${BUILD_PACKAGES[@]}" "${WINDOW_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
say "2/6  Language model"
fetch_models
need_cargo
say "3/6  Format"
cargo fmt --check
say "4/6  Lints"
cargo clippy --release --locked --all-targets -- -D warnings
say "5/6  Licences and sources of dependencies"
if command -v cargo-deny >/dev/null 2>&1; then
  cargo deny --locked --offline check licenses bans sources
else
  echo "skipped: cargo-deny is not installed (cargo install --locked cargo-deny)"
fi
say "6/6  Tests"
cargo test --release --locked
