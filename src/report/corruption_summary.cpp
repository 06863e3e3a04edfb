#include "corruption_summary.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/scoring/corruption_table.hpp>

#include "measure.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kSeverities = 5;
constexpr std::size_t kMain = 15, kAll = 19;
constexpr const char* kNoBaseline =
    "no baseline: name a model of the run with --mce-baseline (AlexNet's customary errors are of ImageNet's images)";

/// Corruption -> variant of each severity (-1: not in the run), for one value of the other parameters.
using Grid = std::map<std::string, std::vector<int>>;

std::map<std::string, Grid> grids_of(const RunDescription& run) {
  std::map<std::string, Grid> grids;
  for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
    const std::string& text = run.variants[variant].text;
    if (!text.starts_with("imagenet_c:") || text.find('+') != text.npos) continue;
    std::string corruption, severity, setting;
    for (const auto& [key, value] : parse_named_parameters("variant", text).values) {
      if (key == "corruption")
        corruption = value;
      else if (key == "severity")
        severity = value;
      else
        setting += fmt::format("{}{}={}", setting.empty() ? "" : ",", key, value);
    }
    if (severity.size() != 1 || severity < "1" || severity > "5") continue;
    auto& places = grids[setting].try_emplace(corruption, std::vector<int>(kSeverities, -1)).first->second;
    places[static_cast<std::size_t>(severity[0] - '1')] = static_cast<int>(variant);
  }
  return grids;
}

/// Those that are there at every severity, the benchmark's first; empty unless all of the benchmark's are.
CorruptionSummary complete_corruptions(const std::string& setting, const Grid& grid) {
  CorruptionSummary summary;
  summary.setting = setting;
  const auto take = [&](bool (*wanted)(std::string_view)) {
    for (const auto& [corruption, variants] : grid) {
      if (!wanted(corruption) || std::find(variants.begin(), variants.end(), -1) != variants.end()) continue;
      summary.corruptions.push_back(corruption);
      summary.variants.push_back(variants);
    }
  };
  take(scoring::is_benchmark_corruption);
  if (summary.corruptions.size() != kMain) return {};
  take(scoring::is_extra_corruption);
  if (summary.corruptions.size() != kAll) {
    summary.corruptions.resize(kMain);
    summary.variants.resize(kMain);
  }
  return summary;
}

bool is_wordnet_id(const std::string& name) {
  return name.size() == 9 && name[0] == 'n' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Errors {
  double clean = 0;
  std::vector<double> corruption;
};

Errors errors_of(int model, const CorruptionSummary& set, double images, const RightCounts& right) {
  Errors errors{1 - right(model, 0) / images, {}};
  for (const std::vector<int>& variants : set.variants) {
    double sum = 0;
    for (const int variant : variants) sum += right(model, variant);
    errors.corruption.push_back(1 - sum / (static_cast<double>(kSeverities) * images));
  }
  return errors;
}

double value_or_nan(const std::optional<double>& value) {
  return value ? *value : std::numeric_limits<double>::quiet_NaN();
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Over the first `corruptions`; NaN where they are fewer.
double mean_error(const Errors& errors, std::size_t corruptions) {
  if (errors.corruption.size() < corruptions) return std::numeric_limits<double>::quiet_NaN();
  return mean(std::span(errors.corruption).first(corruptions));
}

double ratio(const Errors& own, const Errors& baseline, std::size_t corruptions, bool relative) {
  if (own.corruption.size() < corruptions || baseline.corruption.size() < corruptions)
    return std::numeric_limits<double>::quiet_NaN();
  return value_or_nan(
      scoring::mean_corruption_error(std::span(own.corruption).first(corruptions), relative ? own.clean : 0,
                                     std::span(baseline.corruption).first(corruptions), relative ? baseline.clean : 0));
}

Errors customary_errors(const std::vector<std::string>& corruptions) {
  Errors errors{scoring::kCustomaryAlexnetCleanError, {}};
  for (std::size_t c = 0; c < kMain; ++c)
    errors.corruption.push_back(*scoring::customary_alexnet_error(corruptions[c]));
  return errors;
}

}  // namespace

bool has_images_of_imagenet(const RunDescription& run) {
  return !run.classes.empty() && std::all_of(run.classes.begin(), run.classes.end(), is_wordnet_id) &&
         std::all_of(run.models.begin(), run.models.end(), [](const auto& model) { return model.classes == 1000; });
}

CorruptionSets::CorruptionSets(const RunDescription& run, const std::string& mce_baseline)
    : run_(run), images_of_imagenet_(has_images_of_imagenet(run)) {
  for (const auto& [setting, grid] : grids_of(run))
    if (CorruptionSummary set = complete_corruptions(setting, grid); !set.corruptions.empty())
      sets_.push_back(std::move(set));
  if (mce_baseline.empty()) return;
  std::vector<std::string> known;
  for (const StoredModel& model : run.models) {
    if (model.name == mce_baseline) baseline_ = static_cast<int>(known.size());
    known.push_back(model.name);
  }
  if (baseline_ < 0)
    throw UsageError(unknown_name_message("model in --mce-baseline", mce_baseline, known, "cuebench inspect RUN"));
  if (sets_.empty())
    throw UsageError(
        "--mce-baseline is of use where the run has imagenet_c with all 15 corruptions at 5 severities, and this one "
        "has not: evaluate --suite imagenet-c");
}

std::vector<CorruptionSummary> CorruptionSets::summarise(const AccuracyResamples& resamples) const {
  std::vector<CorruptionSummary> summaries;
  if (resamples.images() == 0) return summaries;
  for (const CorruptionSummary& set : sets_) {
    CorruptionSummary& summary = summaries.emplace_back(set);
    if (baseline_ >= 0)
      summary.baseline = run_.models[static_cast<std::size_t>(baseline_)].name;
    else if (images_of_imagenet_)
      summary.baseline = "AlexNet (customary)";
    for (std::size_t model = 0; model < run_.models.size(); ++model)
      summary.models.push_back(evaluate(static_cast<int>(model), summary, resamples));
  }
  return summaries;
}

CorruptionScoresOfModel CorruptionSets::evaluate(int model, const CorruptionSummary& set,
                                                 const AccuracyResamples& resamples) const {
  const double images = resamples.images();
  const bool known = !set.baseline.empty(), customary = known && baseline_ < 0;
  const Errors table = customary ? customary_errors(set.corruptions) : Errors{};
  const auto own = [&](const RightCounts& right) { return errors_of(model, set, images, right); };
  const auto baseline = [&](const RightCounts& right) {
    return customary ? table : errors_of(baseline_, set, images, right);
  };
  const auto measure = [&](const std::string& missing, const std::function<double(const RightCounts&)>& statistic) {
    if (!missing.empty()) return undefined_measure(static_cast<std::int64_t>(images), missing);
    Measure result = resamples.measure(statistic);
    if (!result.value) result.method = "the baseline's error is not above 0 there";
    return result;
  };
  const std::string no_baseline = known ? "" : kNoBaseline;
  const std::string no_19 = set.corruptions.size() < kAll ? "the run does not have all 19 corruptions" : "";
  CorruptionScoresOfModel scores;
  scores.model = model;
  scores.error = measure("", [&](const RightCounts& right) { return mean_error(own(right), kMain); });
  scores.mce =
      measure(no_baseline, [&](const RightCounts& right) { return ratio(own(right), baseline(right), kMain, false); });
  scores.relative_mce =
      measure(no_baseline, [&](const RightCounts& right) { return ratio(own(right), baseline(right), kMain, true); });
  scores.error_19 = measure(no_19, [&](const RightCounts& right) { return mean_error(own(right), kAll); });
  scores.mce_19 = measure(!no_19.empty() ? no_19
                          : customary    ? "AlexNet's customary errors are of 15 corruptions"
                                         : no_baseline,
                          [&](const RightCounts& right) { return ratio(own(right), baseline(right), kAll, false); });
  for (std::size_t c = 0; c < set.corruptions.size(); ++c)
    scores.corruption_error.push_back(measure("", [&](const RightCounts& right) { return own(right).corruption[c]; }));
  return scores;
}

}  // namespace cuebench
