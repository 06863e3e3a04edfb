#pragma once
// The sidecar's key `reference`, from and to JSON.

#include <nlohmann/json.hpp>

#include <cuebench/networks/architecture.hpp>

namespace cuebench {

/// @throws UsageError whose message begins with "reference" and does not name the file.
ReferenceLogits parse_reference_logits(const nlohmann::json& value);
nlohmann::ordered_json reference_json(const ReferenceLogits& reference);

}  // namespace cuebench
