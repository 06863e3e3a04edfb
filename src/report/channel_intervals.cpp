#include "channel_intervals.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <cuebench/metrics/correlation.hpp>

namespace cuebench {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
/// Doubles that the channel sums of all blocks of one layer and variant may hold (32 MB).
constexpr std::size_t kMaximumChannelSums = 4'000'000;

enum Field {
  pr,
  nr,
  clean_pr,
  clean_nr,
  share,
  share_n,
  cosine_sum,
  cosine_n,
  pearson_sum,
  pearson_n,
  rel_l2_sum,
  rel_l2_n,
  kFields
};

void add_optional(double* sums, Field sum, Field n, const std::optional<double>& value) {
  if (!value) return;
  sums[sum] += *value;
  sums[n] += 1;
}

void add_record(double* sums, const ChannelImageRecord& clean, const ChannelImageRecord& variant) {
  sums[pr] += variant.pr_total;
  sums[nr] += variant.nr_total;
  sums[clean_pr] += clean.pr_total;
  sums[clean_nr] += clean.nr_total;
  add_optional(sums, share, share_n, variant.nr_share());
  add_optional(sums, cosine_sum, cosine_n, variant.align_cosine);
  add_optional(sums, pearson_sum, pearson_n, variant.align_pearson);
  add_optional(sums, rel_l2_sum, rel_l2_n, variant.align_rel_l2);
}

double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : kUndefined;
}

std::array<double, ImageStatistics::kCount> evaluate(std::span<const double> sums) {
  const double now = ratio(sums[nr], sums[nr] + sums[pr]);
  return {ratio(sums[pr], sums[clean_pr]),
          ratio(sums[nr], sums[clean_nr]),
          now,
          now - ratio(sums[clean_nr], sums[clean_nr] + sums[clean_pr]),
          ratio(sums[share], sums[share_n]),
          ratio(sums[cosine_sum], sums[cosine_n]),
          ratio(sums[pearson_sum], sums[pearson_n]),
          ratio(sums[rel_l2_sum], sums[rel_l2_n])};
}

void keep(GroupReplicates& replicates, std::span<const double> sums) {
  const auto values = evaluate(sums);
  for (std::size_t i = 0; i < values.size(); ++i) replicates[i].push_back(values[i]);
}

}  // namespace

int ImageStatistics::index(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

ImageReplicates resample_images(const ImageRecords& records, const Sample& sample, const ResamplingUnits& units,
                                const ResamplingPlan& plan, bool per_class) {
  std::vector<std::vector<double>> sums;
  for (const int count : units.units_of_stratum()) sums.emplace_back(static_cast<std::size_t>(count) * kFields, 0.0);
  std::vector<int> label_of_stratum(sums.size(), -1);
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    const int stratum = sample.strata.of_item[item];
    if (stratum < 0 || !records.clean[item] || !records.variant[item]) continue;
    label_of_stratum[stratum] = sample.labels[item];
    add_record(sums[stratum].data() + static_cast<std::size_t>(units.unit_of(item)) * kFields, *records.clean[item],
               *records.variant[item]);
  }
  ImageReplicates result;
  std::vector<double> totals(static_cast<std::size_t>(plan.replicates) * kFields, 0.0);
  for (std::size_t stratum = 0; stratum < sums.size(); ++stratum) {
    GroupReplicates* group = nullptr;
    if (per_class && sample.strata.by_class && label_of_stratum[stratum] >= 0)
      group = &result.groups[label_of_stratum[stratum]];
    resample_stratum(sums[stratum], kFields, fmt::format("stratum {}", stratum), plan,
                     [&](int replicate, std::span<const double> drawn) {
                       if (group) keep(*group, drawn);
                       double* total = totals.data() + static_cast<std::size_t>(replicate) * kFields;
                       for (int field = 0; field < kFields; ++field) total[field] += drawn[field];
                     });
  }
  GroupReplicates& all = result.groups[-1];
  for (int replicate = 0; replicate < plan.replicates; ++replicate)
    keep(all, std::span(totals).subspan(static_cast<std::size_t>(replicate) * kFields, kFields));
  return result;
}

void add_channel_block(ChannelUnits& units, const ClassMoments& block) {
  if (units.too_large) return;
  std::size_t held = 0;
  for (const auto& [label, moments] : block) {
    if (moments.n == 0) continue;
    std::vector<double>& sums = units.sums[label];
    for (const double mean : moments.mean) sums.push_back(mean * static_cast<double>(moments.n));
    ++units.count[label];
  }
  for (const auto& [label, sums] : units.sums) held += sums.size();
  if (held <= kMaximumChannelSums) return;
  units.sums.clear();
  units.too_large = true;
}

std::map<int, std::vector<double>> resample_act_rel_spearman(const ChannelUnits& units,
                                                             const std::map<int, ClassRelevance>& relevance,
                                                             std::span<const double> relevance_all,
                                                             const ResamplingPlan& plan) {
  std::map<int, std::vector<double>> result;
  if (units.too_large || units.sums.empty()) return result;
  const std::size_t channels = relevance_all.size();
  bool every_class = true;
  for (const auto& [label, count] : units.count) every_class = every_class && count >= kMinimumStratum;
  std::vector<double> totals(every_class ? static_cast<std::size_t>(plan.replicates) * channels : 0, 0.0);
  for (const auto& [label, sums] : units.sums) {
    const auto group = relevance.find(label);
    if (units.count.at(label) < kMinimumStratum || group == relevance.end()) continue;
    std::vector<double>& replicates = result[label];
    resample_stratum(sums, static_cast<int>(channels), fmt::format("blocks of class {}", label), plan,
                     [&](int replicate, std::span<const double> drawn) {
                       replicates.push_back(spearman(drawn, group->second.mean).value_or(kUndefined));
                       if (!every_class) return;
                       double* total = totals.data() + static_cast<std::size_t>(replicate) * channels;
                       for (std::size_t channel = 0; channel < channels; ++channel) total[channel] += drawn[channel];
                     });
  }
  if (!every_class) return result;
  for (int replicate = 0; replicate < plan.replicates; ++replicate) {
    const auto total =
        std::span<const double>(totals).subspan(static_cast<std::size_t>(replicate) * channels, channels);
    result[-1].push_back(spearman(total, relevance_all).value_or(kUndefined));
  }
  return result;
}

}  // namespace cuebench
