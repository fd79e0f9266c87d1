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
# The list of known vulnerabilities lives on the network: `cargo deny check advisories` where there is one.
command -v cargo-deny >/dev/null 2>&1 || cargo install --locked --quiet cargo-deny@0.20.2 || true
if command -v cargo-deny >/dev/null 2>&1; then
  cargo deny --locked check licenses bans sources
else
  echo "skipped: cargo-deny could not be installed"
fi
say "6/6  Tests"
cargo test --release --locked -- --show-output 2>&1 | tee target/tests.log
say "Left out"
grep '^skipped: ' target/tests.log | sort -u || echo "Nothing."
