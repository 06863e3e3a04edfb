#pragma once
// Sizes of perturbations as users write them: in units of pixels in [0, 1].

#include <string_view>

#include <cuebench/core/parameters.hpp>

#include "perturbation_ball.hpp"

namespace cuebench {

/// The parameter `epsilon` or `alpha` of an attack: finite, and at most 1 in the L-infinity norm.
/// @throws UsageError: "epsilon=8 is above 1 ...: did you mean 8/255?"
double perturbation_size(std::string_view attack, std::string_view name, double value, Norm norm);

/// The parameter `alpha`: as typed, or `automatic` where it is the word auto. @throws UsageError as perturbation_size.
double step_size(std::string_view attack, const Parameters& parameters, Norm norm, double automatic);

struct PerturbationSize {
  Norm norm = Norm::linf;
  double epsilon = 0;
};

/// The parameters `norm` and `epsilon` of attacks that know both norms.
ParameterSpec norm_parameter();
/// A number of steps, restarts, ...: from 1 to `maximum`.
ParameterSpec count_parameter(std::string_view name, std::string_view default_value, double maximum,
                              std::string_view doc);
ParameterSpec epsilon_parameter();
/// Their values. @throws UsageError as perturbation_size, and where norm=l2 comes with the default for linf.
PerturbationSize perturbation_size(std::string_view attack, const Parameters& parameters);

}  // namespace cuebench
