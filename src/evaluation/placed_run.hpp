#pragma once
// A run elsewhere than in float32 on the CPU: what it asks for, what it writes down, how far its decisions are those of
// float32. A default run leaves no trace of these.

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "preparation.hpp"

namespace cuebench {

/// From --device and --precision. @throws UsageError for what this machine cannot do.
void settle_placement(const EvaluationRequest& request, Preparation& run);

/// Adds the kind of device and the precision to what decides the results, where they are not the default. Which of
/// several equal GPUs computes does not decide them.
void record_placement(nlohmann::json& configuration, const Placement& placement);

/// The way of a model whose layers need gradients: all its passes are float32.
std::string way_with_gradients(const Placement& placement);

/// Model name, and a sentence on how often it decides as in float32 on the run's first images; empty where the
/// precision is float32.
std::vector<std::pair<std::string, std::string>> compare_precision(const Preparation& run);

}  // namespace cuebench
