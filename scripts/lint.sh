#!/usr/bin/env bash
# Checks the format of every source and runs clang-tidy over the build folder's compile commands.
# Usage: lint.sh [PATH-REGEX...]      only files whose path matches one of them go through clang-tidy
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
[ $# -gt 0 ] || set -- "$PWD/(src|datasets|transforms)/"
# GCC's own warning options stand in the compile commands.
run-clang-tidy -quiet -p build/default -j "$(nproc)" -extra-arg=-Wno-unknown-warning-option "$@"
