#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. Extra arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --tests
scripts/build.sh
exec ctest --preset default --parallel "$(nproc)" "$@"
