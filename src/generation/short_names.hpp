#pragma once
// Variants by as few words as tell them apart.

#include <string>
#include <vector>

namespace cuebench {

/// For each canonical text its transforms, each with those parameters that are not at their default or in which
/// variants of the same transforms differ: "clean", "patch_shuffle k=4", "saturate p=8 + patch_shuffle k=2".
std::vector<std::string> short_names(const std::vector<std::string>& variants);

}  // namespace cuebench
