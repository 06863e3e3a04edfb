#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job on what the repository brings along: a network trained ordinarily and
# its adversarially trained twins, on shape and texture variants of the synthetic images and on images whose cues conflict.
# Prints the headline tables and where the reports lie.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
scripts/build.sh -DCUEBENCH_BUILD_TESTS=OFF -DCUEBENCH_BUILD_BENCHMARKS=OFF
for part in synthetic-test synthetic-conflict; do
  build/default/bin/cuebench evaluate --config "configs/$part.toml" --out "demo/$part"
done
