#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. Extra arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --tests
scripts/build.sh -DCUEBENCH_BUILD_TESTS=ON -DCUEBENCH_BUILD_BENCHMARKS=ON
exec ctest --preset default --parallel "$(nproc)" "$@"
