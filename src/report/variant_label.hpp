#pragma once
// Short names of variants for people; files always have the canonical text.

#include <string>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// By variant: the transforms' names and, where several variants of the run have the same ones, the parameters that
/// tell them apart ("edges", "patch_shuffle k=4"); of an attack always epsilon. All different.
std::vector<std::string> variant_labels(const RunDescription& run);

}  // namespace cuebench
