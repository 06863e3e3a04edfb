#include "perturbation_size.hpp"

#include <cmath>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {

double perturbation_size(std::string_view attack, std::string_view name, double value, Norm norm) {
  const std::string what = fmt::format("attack {}: {}={}", attack, name, format_real(value));
  if (norm == Norm::linf && value > 1) {
    const std::string remedy =
        value <= 255 ? fmt::format(": did you mean {}/255?", format_real(value)) : ": write it as 8/255 or 0.031";
    throw UsageError(fmt::format("{} is above 1, the whole range of a pixel{}", what, remedy));
  }
  if (!std::isfinite(value)) throw UsageError(fmt::format("{} is not a finite number: write it as 0.5", what));
  return value;
}

double step_size(std::string_view attack, const Parameters& parameters, Norm norm, double automatic) {
  const double alpha = parameters.real("alpha");
  return std::isnan(alpha) ? automatic : perturbation_size(attack, "alpha", alpha, norm);
}

}  // namespace cuebench
