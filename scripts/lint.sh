#!/usr/bin/env bash
# Checks the format of every source and runs clang-tidy (Debian's clang, clang-format and clang-tidy, version 14).
# Usage: lint.sh [PATH-REGEX...]      only sources whose path matches one of them go through clang-tidy
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.hpp' | xargs clang-format --dry-run -Werror
[ $# -gt 0 ] || set -- "$PWD/(src|datasets|transforms)/"
cmake -S . -B build/lint -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
  -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
run-clang-tidy -quiet -p build/lint -j "$(nproc)" "$@"
