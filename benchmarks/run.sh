#!/usr/bin/env bash
# Prints every ratio. Needs the preset `default` built, the reference data in ../shared, and an idle machine.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 benchmarks/evaluate.py --bin build/default/bin --data "${CUEBENCH_SHARED:-../shared}/data" "$@"
python3 benchmarks/generate.py --bin build/default/bin --data "${CUEBENCH_SHARED:-../shared}/data"
python3 benchmarks/transforms.py --bin build/default/bin --data "${CUEBENCH_SHARED:-../shared}/data"
echo "automatic masks beside GrabCut and a centred disc, intersection over union with drawn masks:"
CUEBENCH_SLOW_TESTS=1 build/default/bin/test_transforms --gtest_filter="AutomaticMask*" | grep -v "^\["
echo "synthetic images per second of processor time:"
build/default/bin/synthetic_rate
echo "training, trainer against a bare LibTorch loop:"
OPENBLAS_NUM_THREADS=1 GOMP_SPINCOUNT=1000 build/default/bin/train_rate
echo "statistics of a report: 50,000 images, 20 variants, 4 models:"
build/default/bin/report_rate
if python3 -c 'import pandas' 2>/dev/null; then
  python3 benchmarks/score.py --bin build/default/bin
else
  echo "score beside pandas: python3-pandas is not installed"
fi
