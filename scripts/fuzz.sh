#!/usr/bin/env bash
# Builds the fuzz targets with Clang and runs each for a while. Usage: fuzz.sh [SECONDS_EACH]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
for program in build/fuzz/bin/fuzz_*; do
  name=$(basename "$program")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  layer=${name#fuzz_}
  seeds=tests/data/${layer%%_*}
  [ -d "$seeds" ] || seeds=
  echo "== $name, $seconds s"
  "$program" "$corpus" ${seeds:+"$seeds"} -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 2>&1 | tail -2
done
