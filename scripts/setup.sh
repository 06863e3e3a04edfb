#!/usr/bin/env bash
# Installs what is missing to build and run cuebench on Debian 12 or 13, and finds LibTorch.
# Usage: setup.sh [--tests]      --tests: also what the tests need (GoogleTest, RapidCheck, the Python oracles)
set -euo pipefail

build_packages=(
  g++ cmake ninja-build ccache mold git ca-certificates pkg-config
  libopencv-dev libjpeg-dev libtiff-dev libtbb-dev nlohmann-json3-dev libcli11-dev libspdlog-dev libfmt-dev libsqlitecpp-dev
  libsqlite3-dev librandom123-dev libarchive-dev libdeflate-dev libboost-math-dev libssl-dev zlib1g-dev
  libopenblas0-pthread gnuplot-nox
)
test_packages=(libgtest-dev librapidcheck-dev python3 python3-numpy python3-scipy python3-pil python3-skimage
  python3-torch python3-torchvision)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

with_tests=0
case "${1:-}" in
  --tests) with_tests=1 ;;
  "") ;;
  *) fail "unknown argument '$1': the only one is --tests" ;;
esac

# LibTorch in this order: a given one, a pip-installed PyTorch, Debian's libtorch-dev.
torch_source() {
  if [ -n "${Torch_DIR:-}" ] || [ -n "${CMAKE_PREFIX_PATH:-}" ]; then
    echo given
  elif python3 -c 'import os, torch.utils as u; assert os.path.exists(u.cmake_prefix_path + "/Torch/TorchConfig.cmake")' 2>/dev/null; then
    echo pip
  else
    echo debian
  fi
}

packages=("${build_packages[@]}")
[ "$with_tests" = 1 ] && packages+=("${test_packages[@]}")
torch=$(torch_source)
[ "$torch" = debian ] && packages+=(libtorch-dev libdnnl-dev)

. /etc/os-release 2>/dev/null || true
if [ "${ID:-}" != debian ] || { [ "${VERSION_ID:-}" != 12 ] && [ "${VERSION_ID:-}" != 13 ]; }; then
  fail "this script knows Debian 12 and 13 and this is '${PRETTY_NAME:-an unknown system}'; install the equivalents of: ${packages[*]}"
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "not root and no sudo: ask an administrator to install: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
say "everything is installed; LibTorch: $torch"
