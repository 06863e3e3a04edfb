#!/usr/bin/env bash
# Installs what is missing, builds, and runs the main job: a standard and an adversarially trained ResNet-20 on shape and
# texture variants of CIFAR-10 test images. Prints the headline table and where the report lies.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${CUEBENCH_SHARED:-../shared}/data
if [ ! -e "$shared/checkpoints" ]; then
  echo "demo: the example data are not here: expected $shared with checkpoints/ and cifar10/ (or set CUEBENCH_SHARED)" >&2
  exit 2
fi
scripts/setup.sh
scripts/build.sh -DCUEBENCH_BUILD_TESTS=OFF -DCUEBENCH_BUILD_BENCHMARKS=OFF
weights=$shared/checkpoints/original
build/default/bin/cuebench evaluate --data "cifar10:$shared/cifar10/test_batch_first1017.bin.xz" \
  --model "standard=$weights/CIFAR10-resnet20.pth,role=standard" "robust=$weights/CIFAR10-resnet20-adv.pth,role=robust" \
  --suite shape-texture --channels stage_2.2 stage_3.2 --out demo-run
