#include "intervention_summary.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "measure.hpp"

namespace cuebench {
namespace {

using Row = BlockRecord::InterventionRow;

constexpr const char* kNoImages = "no image whose channels could be ordered";

/// Layer, variant, action, of.
using CurveKey = std::tuple<int, int, std::string, std::string>;
/// Setting -> its rows: one, or one a draw.
using Points = std::map<double, std::vector<Row>>;

double share(std::int64_t part, std::int64_t n) {
  return static_cast<double>(part) / static_cast<double>(n);
}

/// Right with minus right without, over images: resampled as four kinds of images.
Measure paired_change(const Row& row, const SummaryOptions& options) {
  if (row.images == 0) return undefined_measure(0, kNoImages);
  const CategoryCounts counts{
      {row.both, row.after - row.both, row.before - row.both, row.images - row.before - row.after + row.both}};
  const auto change = [](std::span<const std::int64_t> drawn) {
    return share(drawn[1] - drawn[2], drawn[0] + drawn[1] + drawn[2] + drawn[3]);
  };
  BootstrapOptions bootstrap = options.bootstrap;
  bootstrap.replicates = options.channel_replicates;
  return measure_of(bootstrap_counts(counts, change, "intervention", bootstrap));
}

/// Mean over draws; the interval says what a single draw may give.
Measure over_draws(std::vector<double> values, std::int64_t n) {
  if (n == 0 || values.empty()) return undefined_measure(0, kNoImages);
  double sum = 0;
  for (const double value : values) sum += value;
  const auto draws = values.size();
  Measure measure = plain_measure(sum / static_cast<double>(draws), n, "");
  std::sort(values.begin(), values.end());
  if (draws > 1) {
    measure.low = sorted_quantile(values, 0.025);
    measure.high = sorted_quantile(values, 0.975);
  }
  measure.method = fmt::format("mean of {} draw{}{}", draws, draws == 1 ? "" : "s",
                               draws == 1 ? "" : "; interval: 2.5 to 97.5 % of the draws");
  return measure;
}

InterventionPoint make_point(double setting, const std::vector<Row>& rows, bool drawn, const SummaryOptions& options) {
  const Row& first = rows.front();
  if (!drawn) return {setting, share_measure(first.after, first.images, kNoImages), paired_change(first, options)};
  std::vector<double> accuracies, changes;
  for (const Row& row : rows) {
    if (row.images == 0) continue;
    accuracies.push_back(share(row.after, row.images));
    changes.push_back(share(row.after - row.before, row.images));
  }
  return {setting, over_draws(std::move(accuracies), first.images), over_draws(std::move(changes), first.images)};
}

}  // namespace

std::vector<InterventionCurve> summarise_interventions(const RunStore& store, const SummaryOptions& options) {
  const auto& interventions = store.description().interventions;
  std::map<CurveKey, Points> curves;
  std::vector<CurveKey> order;
  for (const Row& row : store.interventions()) {
    const StoredIntervention& what = interventions.at(static_cast<std::size_t>(row.intervention));
    const CurveKey key{what.layer, row.variant, what.action, what.of};
    const auto [curve, made] = curves.try_emplace(key);
    if (made) order.push_back(key);
    curve->second[what.setting].push_back(row);
  }
  std::stable_sort(order.begin(), order.end(), [](const CurveKey& a, const CurveKey& b) {
    return std::pair(std::get<0>(a), std::get<1>(a)) < std::pair(std::get<0>(b), std::get<1>(b));
  });
  std::vector<InterventionCurve> result;
  for (const CurveKey& key : order) {
    InterventionCurve curve;
    std::tie(curve.layer, curve.variant, curve.action, curve.of) = key;
    for (const auto& [setting, rows] : curves.at(key)) {
      const bool drawn = interventions.at(static_cast<std::size_t>(rows.front().intervention)).draw >= 0;
      if (curve.points.empty()) curve.unmodified = share_measure(rows.front().before, rows.front().images, kNoImages);
      curve.points.push_back(make_point(setting, rows, drawn, options));
    }
    result.push_back(std::move(curve));
  }
  return result;
}

const InterventionCurve* RunSummary::intervention(int layer, int variant, std::string_view action) const {
  const InterventionCurve* found = nullptr;
  for (const InterventionCurve& curve : interventions)
    if (curve.layer == layer && curve.variant == variant && curve.action == action && (!found || curve.of == "top2"))
      found = &curve;
  return found;
}

}  // namespace cuebench
