#pragma once
// Parameters that several methods share.

#include <cuebench/core/parameters.hpp>

namespace cuebench {

inline ParameterSpec epsilon_parameter() {
  return {.name = "epsilon",
          .kind = ParameterKind::real,
          .default_value = "8/255",
          .unit = "pixel units",
          .doc = "radius of the ball; at most 1 for linf"};
}

inline ParameterSpec norm_parameter() {
  return {.name = "norm",
          .kind = ParameterKind::choice,
          .default_value = "linf",
          .choices = {"linf", "l2"},
          .doc = "shape of the ball"};
}

inline ParameterSpec steps_parameter(std::string_view default_value) {
  return {.name = "steps",
          .kind = ParameterKind::integer,
          .default_value = default_value,
          .minimum = 1,
          .maximum = 1000,
          .doc = "gradient steps of the adversary"};
}

inline ParameterSpec alpha_parameter(std::string_view doc) {
  return {.name = "alpha",
          .kind = ParameterKind::real,
          .default_value = "0",
          .minimum = 0,
          .unit = "pixel units",
          .doc = doc};
}

inline ParameterSpec statistics_parameter() {
  return {.name = "statistics",
          .kind = ParameterKind::choice,
          .default_value = "running",
          .choices = {"running", "batch"},
          .doc = "of batch normalisation while the adversary works: running = eval mode, batch = train mode"};
}

}  // namespace cuebench
