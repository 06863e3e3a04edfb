#pragma once
// Conditions of an experiment as files spell them.

#include <string>
#include <string_view>

namespace cuebench::scoring {

/// One spelling for what means the same: numbers in shortest form ("0.60" and "0.6", "3" and "3.0", "inf"), other text
/// in lower case ("True" and "true"); "" for none ("NaN", empty).
std::string canonical_condition(std::string_view text);

/// The conditions that model-vs-human leaves out of its benchmark, since every observer solves or fails them
/// (EXCLUDE_CONDITIONS of its plot.py). False for sets that are none of its 17.
bool left_out_of_benchmark(std::string_view set, std::string_view condition);

}  // namespace cuebench::scoring
