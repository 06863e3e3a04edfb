#pragma once
// The tables of a run as rows of cells, for papers.

#include <vector>

#include <cuebench/report/summary.hpp>

#include "text_table.hpp"

namespace cuebench {

/// Top-1 accuracy of every model under every variant, percent, with intervals.
TextTable accuracy_table(const RunSummary& summary);
/// Robust minus standard under every variant.
TextTable pair_table(const RunSummary& summary, const PairComparison& pair);
/// Of every model, on the variants where shape and texture disagree.
TextTable shape_bias_table(const RunSummary& summary);
/// Of every layer and variant, over all images.
TextTable channel_table(const RunSummary& summary);
TextTable corruption_table(const RunSummary& summary, const CorruptionSummary& corruptions);

}  // namespace cuebench
