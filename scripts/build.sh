#!/usr/bin/env bash
# Configures and builds the preset `default`. Extra arguments go to the configure step.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset default "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
cmake --build --preset default
