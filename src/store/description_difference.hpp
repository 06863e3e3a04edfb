#pragma once
// Why a stored run cannot be continued by a command.

#include <optional>
#include <string>

#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// The first thing in which two descriptions differ, as a clause ("the configuration's 'seed' is 1 there and 2 here"),
/// in the order in which a user would look: configuration, data, models, variants, layers, blocks. Nothing when they
/// describe the same run. Where a model's file lies does not matter; its content does.
std::optional<std::string> description_difference(const RunDescription& stored, const RunDescription& given);

}  // namespace cuebench
