#!/usr/bin/env bash
# Prints every ratio. Needs the preset `default` built, the reference data in ../shared, and an idle machine.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 benchmarks/evaluate.py --bin build/default/bin --data "${CUEBENCH_SHARED:-../shared}/data" "$@"
