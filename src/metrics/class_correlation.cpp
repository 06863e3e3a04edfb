#include <limits>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/metrics/class_correlation.hpp>
#include <cuebench/metrics/correlation.hpp>

namespace cuebench {
namespace {

using Values = std::vector<double>;
constexpr std::size_t kFewestClasses = 3;

double or_nan(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

ClassCorrelation correlate_classes(std::span<const std::optional<double>> x, std::span<const std::optional<double>> y,
                                   std::string_view purpose, const BootstrapOptions& options) {
  if (x.size() != y.size()) throw std::invalid_argument("a correlation over classes needs two values a class");
  Values xs, ys;
  for (std::size_t k = 0; k < x.size(); ++k) {
    if (!x[k] || !y[k]) continue;
    xs.push_back(*x[k]);
    ys.push_back(*y[k]);
  }
  const auto n = static_cast<std::int64_t>(xs.size());
  if (xs.size() < kFewestClasses) {
    const Estimate undefined{{}, {}, {}, n, fmt::format("undefined: {} classes have both values, fewer than 3", n)};
    return {undefined, undefined};
  }

  Values pearsons, spearmans, x_drawn(xs.size()), y_drawn(xs.size());
  for (int r = 0; r < options.replicates; ++r) {
    RandomStream stream(options.seed, fmt::format("bootstrap replicate {}", r), purpose);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const std::uint64_t drawn = stream.below(xs.size());
      x_drawn[i] = xs[drawn];
      y_drawn[i] = ys[drawn];
    }
    pearsons.push_back(or_nan(pearson(x_drawn, y_drawn)));
    spearmans.push_back(or_nan(spearman(x_drawn, y_drawn)));
  }
  return {percentile_estimate(or_nan(pearson(xs, ys)), std::move(pearsons), n, options.confidence),
          percentile_estimate(or_nan(spearman(xs, ys)), std::move(spearmans), n, options.confidence)};
}

}  // namespace cuebench
