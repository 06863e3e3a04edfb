#pragma once
// How `cuebench list` shows self-descriptions; both programs list something.

#include <vector>

#include <nlohmann/json.hpp>

#include <cuebench/core/parameters.hpp>

namespace cuebench::cli {

nlohmann::ordered_json describe_parameters(const std::vector<ParameterSpec>& specs);

/// Entries have `name` and `summary`, and may have `keeps`, `definition`, `variants`, `parameters`, `formula`,
/// `source`.
void print_list(const nlohmann::ordered_json& entries, bool json);

}  // namespace cuebench::cli
