#pragma once
// Texts with numbers in them, in the order that people expect.

#include <string_view>

namespace cuebench {

/// A strict weak order that compares digits as numbers, with decimals and fractions: "p=8" before "p=16",
/// "epsilon=0.01" before "epsilon=8/255"; other characters by their bytes.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace cuebench
