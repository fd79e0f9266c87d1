# What run.sh and test.sh share: system packages, the Rust toolchain, the fetched model.

# To compile: the sound library's headers and a C compiler.
BUILD_PACKAGES=(build-essential pkg-config libasound2-dev)
# To open a window: OpenGL (in software where there is no GPU), X11 and keyboard libraries, fonts for other scripts.
WINDOW_PACKAGES=(libgl1 libegl1 libgl1-mesa-dri libvulkan1 libx11-6 libx11-xcb1 libxcursor1 libxi6
  libxkbcommon0 libxkbcommon-x11-0 libfontconfig1)
# To test the window where there is no screen: a virtual one, a window manager, hands, a camera, a software rasteriser.
TEST_PACKAGES=(xvfb openbox xdotool imagemagick mesa-vulkan-drivers python3 python3-pip)

say() { printf '\n── %s\n' "$*"; }

# Installs the named Debian packages that are missing. Elsewhere (macOS, Windows) nothing is needed.
install_system_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not a Debian system: nothing is installed. On Linux you need: $*"
    return 0
  fi
  local missing=() package as_root=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    echo "All there."
    return 0
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "Missing, and this account may not install them without a password:" >&2
      echo "  sudo apt-get install ${missing[*]}" >&2
      return 0
    fi
    as_root=(sudo -n)
  fi
  echo "Installing: ${missing[*]}"
  ${as_root[@]+"${as_root[@]}"} apt-get update -qq
  DEBIAN_FRONTEND=noninteractive ${as_root[@]+"${as_root[@]}"} apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}

need_cargo() {
  if ! command -v cargo >/dev/null 2>&1; then
    echo "Rust is missing. Install it from https://rustup.rs, open a new terminal, and run this again." >&2
    exit 1
  fi
}

# The larger model is fetched once. Without it Glassbox starts with the small one that is built in.
fetch_models() {
  if [ "${GLASSBOX_NO_FETCH:-}" = 1 ]; then
    echo "Not fetched (GLASSBOX_NO_FETCH=1); the built-in model works without it."
  elif ! bash models/fetch.sh; then
    echo "The larger model could not be fetched; Glassbox works with the built-in one. Try again: models/fetch.sh"
  fi
}
