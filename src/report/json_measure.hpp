#pragma once
// A number as every JSON file has it.

#include <nlohmann/json.hpp>

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// Either {value, low, high, n, method} or {value: null, reason, n}.
inline nlohmann::ordered_json to_json(const Measure& measure) {
  using Json = nlohmann::ordered_json;
  if (!measure.value) return {{"value", nullptr}, {"reason", measure.method}, {"n", measure.n}};
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  return {{"value", *measure.value},
          {"low", number(measure.low)},
          {"high", number(measure.high)},
          {"n", measure.n},
          {"method", measure.method}};
}

}  // namespace cuebench
