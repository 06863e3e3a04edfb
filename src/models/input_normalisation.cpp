#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "input_normalisation.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

at::Tensor per_channel(const std::vector<double>& values) {
  at::Tensor tensor = at::empty({1, static_cast<std::int64_t>(values.size()), 1, 1}, at::kFloat);
  std::transform(values.begin(), values.end(), tensor.data_ptr<float>(),
                 [](double v) { return static_cast<float>(v); });
  return tensor;
}

void check(const std::vector<double>& values, std::int64_t channels, const char* key, const std::string& model) {
  if (!values.empty() && static_cast<std::int64_t>(values.size()) != channels)
    throw UsageError(model + ": '" + key + "' has " + std::to_string(values.size()) + " values but the model takes " +
                     std::to_string(channels) + " channels; give one value per channel in the sidecar");
}

}  // namespace

InputNormalisation make_input_normalisation(const Sidecar& sidecar, std::int64_t channels, const std::string& model) {
  check(sidecar.mean, channels, "mean", model);
  check(sidecar.std, channels, "std", model);
  for (const double value : sidecar.std)
    if (!(value > 0) || !std::isfinite(value))
      throw UsageError(model + ": a value of 'std' is not positive; give standard deviations in the sidecar");
  InputNormalisation result;
  result.channels = channels;
  result.bgr = sidecar.channel_order == "bgr";
  const auto all = [](const std::vector<double>& values, double wanted) {
    return std::all_of(values.begin(), values.end(), [wanted](double v) { return v == wanted; });
  };
  if (!all(sidecar.mean, 0)) result.mean = per_channel(sidecar.mean);
  if (!all(sidecar.std, 1)) result.std = per_channel(sidecar.std);
  return result;
}

at::Tensor InputNormalisation::apply(const at::Tensor& images) const {
  at::Tensor x = images;
  if (channels == 1 && x.size(1) == 3)
    x = x.select(1, 0).mul(0.299).add(x.select(1, 1), 0.587).add(x.select(1, 2), 0.114).unsqueeze(1);
  if (bgr) x = at::flip(x, {1});
  if (mean.defined()) x = at::sub(x, mean);
  if (std.defined()) x = at::div(x, std);
  return x.to(type);
}

}  // namespace cuebench
