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

ParameterSpec count_parameter(std::string_view name, std::string_view default_value, double maximum,
                              std::string_view doc) {
  return {.name = name,
          .kind = ParameterKind::integer,
          .default_value = default_value,
          .minimum = 1,
          .maximum = maximum,
          .doc = doc};
}

ParameterSpec norm_parameter() {
  return {.name = "norm",
          .kind = ParameterKind::choice,
          .default_value = "linf",
          .choices = {"linf", "l2"},
          .doc = "How the change is measured: each value by itself, or the length over the whole image."};
}

ParameterSpec epsilon_parameter() {
  return {.name = "epsilon",
          .kind = ParameterKind::real,
          .default_value = "8/255",
          .minimum = 0,
          .unit = "of a pixel's range",
          .doc =
              "Largest change, written 8/255 or 0.031, at most 1 for linf; l2 needs its own, such as 0.5; 0 is "
              "neutral."};
}

PerturbationSize perturbation_size(std::string_view attack, const Parameters& parameters) {
  PerturbationSize size;
  size.norm = parameters.text("norm") == "l2" ? Norm::l2 : Norm::linf;
  size.epsilon = perturbation_size(attack, "epsilon", parameters.real("epsilon"), size.norm);
  if (size.norm == Norm::l2 && size.epsilon == 8.0 / 255)
    throw UsageError(
        fmt::format("attack {}: epsilon=8/255 is a change of every pixel, and norm=l2 measures the whole image: give "
                    "epsilon as a length such as 0.5",
                    attack));
  return size;
}

}  // namespace cuebench
