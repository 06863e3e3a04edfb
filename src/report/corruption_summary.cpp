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
#include "resampler.hpp"

namespace cuebench {
namespace {

constexpr std::size_t kSeverities = 5;
constexpr std::size_t kMain = 15, kAll = 19;
/// Above this many images, consecutive images of a class are drawn together.
constexpr std::int64_t kMaximumUnits = 2000;
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

/// Columns of the table that is resampled: images, then of each model its clean images and those of every corruption.
struct Columns {
  std::size_t models, corruptions;
  std::size_t count() const { return 1 + models * (1 + corruptions); }
  std::size_t clean(std::size_t model) const { return 1 + model * (1 + corruptions); }
};

struct Errors {
  double clean = 0;
  std::vector<double> corruption;
};

Errors errors_of(std::size_t model, const Columns& columns, std::span<const double> totals) {
  const std::size_t first = columns.clean(model);
  Errors errors{1 - totals[first] / totals[0], {}};
  for (std::size_t c = 1; c <= columns.corruptions; ++c)
    errors.corruption.push_back(1 - totals[first + c] / (static_cast<double>(kSeverities) * totals[0]));
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

/// The numbers of one model, in the order error, mCE, relative mCE, both over 19, then every corruption.
std::vector<double> numbers_of(const Errors& own, const Errors* baseline) {
  const auto ratio = [&](std::size_t corruptions, bool relative) {
    if (!baseline || own.corruption.size() < corruptions || baseline->corruption.size() < corruptions)
      return std::numeric_limits<double>::quiet_NaN();
    return value_or_nan(scoring::mean_corruption_error(
        std::span(own.corruption).first(corruptions), relative ? own.clean : 0,
        std::span(baseline->corruption).first(corruptions), relative ? baseline->clean : 0));
  };
  const bool all = own.corruption.size() == kAll;
  std::vector<double> numbers{mean(std::span(own.corruption).first(kMain)), ratio(kMain, false), ratio(kMain, true),
                              all ? mean(own.corruption) : std::numeric_limits<double>::quiet_NaN(),
                              ratio(kAll, false)};
  numbers.insert(numbers.end(), own.corruption.begin(), own.corruption.end());
  return numbers;
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

CorruptionTally::CorruptionTally(const RunDescription& run, std::string mce_baseline)
    : run_(run), images_of_imagenet_(has_images_of_imagenet(run)) {
  for (const auto& [setting, grid] : grids_of(run)) {
    Setting complete{complete_corruptions(setting, grid), {}};
    if (complete.summary.corruptions.empty()) continue;
    complete.right.assign(run.models.size(),
                          std::vector(complete.summary.corruptions.size(),
                                      std::vector<signed char>(run.items.size(), 0)));
    settings_.push_back(std::move(complete));
  }
  if (mce_baseline.empty()) return;
  std::vector<std::string> known;
  for (const StoredModel& model : run.models) {
    if (model.name == mce_baseline) baseline_ = static_cast<int>(known.size());
    known.push_back(model.name);
  }
  if (baseline_ < 0)
    throw UsageError(unknown_name_message("model in --mce-baseline", mce_baseline, known, "cuebench inspect RUN"));
  if (settings_.empty())
    throw UsageError(
        "--mce-baseline is of use where the run has imagenet_c with all 15 corruptions at 5 severities, and this one "
        "has not: evaluate --suite imagenet-c");
}

void CorruptionTally::add(int variant, const VariantOutcomes& outcomes) {
  if (variant == 0 && !settings_.empty()) clean_ = outcomes.correct;
  for (Setting& setting : settings_)
    for (std::size_t c = 0; c < setting.summary.corruptions.size(); ++c) {
      const auto& variants = setting.summary.variants[c];
      if (std::find(variants.begin(), variants.end(), variant) == variants.end()) continue;
      for (std::size_t model = 0; model < setting.right.size(); ++model)
        for (std::size_t item = 0; item < outcomes.correct[model].size(); ++item)
          setting.right[model][c][item] += outcomes.correct[model][item];
    }
}

std::vector<CorruptionSummary> CorruptionTally::summarise(const Sample& sample,
                                                          const BootstrapOptions& options) const {
  std::vector<CorruptionSummary> summaries;
  if (sample.strata.items > 0)
    for (const Setting& setting : settings_) summaries.push_back(evaluate(setting, sample, options));
  return summaries;
}

CorruptionSummary CorruptionTally::evaluate(const Setting& setting, const Sample& sample,
                                            const BootstrapOptions& options) const {
  CorruptionSummary summary = setting.summary;
  const Columns columns{run_.models.size(), summary.corruptions.size()};
  const ResamplingUnits units(sample.strata, kMaximumUnits);
  std::vector<std::vector<double>> sums;
  for (const int count : units.units_of_stratum())
    sums.emplace_back(static_cast<std::size_t>(count) * columns.count(), 0.0);
  for (std::size_t item = 0; item < sample.labels.size(); ++item) {
    if (units.unit_of(item) < 0) continue;
    double* row = sums[static_cast<std::size_t>(sample.strata.of_item[item])].data() +
                  static_cast<std::size_t>(units.unit_of(item)) * columns.count();
    row[0] += 1;
    for (std::size_t model = 0; model < columns.models; ++model) {
      double* of_model = row + columns.clean(model);
      of_model[0] += clean_[model][item];
      for (std::size_t c = 0; c < columns.corruptions; ++c) of_model[c + 1] += setting.right[model][c][item];
    }
  }

  const ResamplingPlan plan{options.replicates, options.confidence, options.seed};
  std::vector<double> observed(columns.count(), 0.0);
  std::vector<double> totals(static_cast<std::size_t>(plan.replicates) * columns.count(), 0.0);
  for (std::size_t stratum = 0; stratum < sums.size(); ++stratum) {
    for (std::size_t i = 0; i < sums[stratum].size(); ++i) observed[i % columns.count()] += sums[stratum][i];
    resample_stratum(sums[stratum], static_cast<int>(columns.count()), fmt::format("stratum {}", stratum), plan,
                     [&](int replicate, std::span<const double> drawn) {
                       double* total = totals.data() + static_cast<std::size_t>(replicate) * columns.count();
                       for (std::size_t i = 0; i < drawn.size(); ++i) total[i] += drawn[i];
                     });
  }

  std::optional<Errors> customary;
  if (baseline_ >= 0) {
    summary.baseline = run_.models[static_cast<std::size_t>(baseline_)].name;
  } else if (images_of_imagenet_) {
    summary.baseline = "AlexNet (customary)";
    customary = customary_errors(summary.corruptions);
  }
  const auto numbers = [&](std::size_t model, std::span<const double> of) {
    if (baseline_ < 0) return numbers_of(errors_of(model, columns, of), customary ? &*customary : nullptr);
    const Errors baseline = errors_of(static_cast<std::size_t>(baseline_), columns, of);
    return numbers_of(errors_of(model, columns, of), &baseline);
  };

  const std::string drawn = sample.strata.method(options) +
                            (units.images_per_unit() > 1
                                 ? fmt::format(", units of {} images", units.images_per_unit())
                                 : "");
  const std::string divided = customary ? "AlexNet's on the 50,000 images of ImageNet-C" : "those of " + summary.baseline;
  for (std::size_t model = 0; model < columns.models; ++model) {
    const std::vector<double> point = numbers(model, observed);
    std::vector<std::vector<double>> replicates(point.size());
    for (std::size_t r = 0; r < static_cast<std::size_t>(plan.replicates); ++r) {
      const auto values = numbers(model, std::span(totals).subspan(r * columns.count(), columns.count()));
      for (std::size_t i = 0; i < values.size(); ++i) replicates[i].push_back(values[i]);
    }
    const auto measure = [&](std::size_t i, const std::string& what, const std::string& missing) {
      if (point[i] != point[i]) return undefined_measure(sample.strata.items, missing);
      return percentile_measure(point[i], std::move(replicates[i]), sample.strata.items, plan, what + "; " + drawn);
    };
    const std::string no_ratio = summary.baseline.empty() ? kNoBaseline : "the baseline's error is not above 0 there";
    const std::string no_19 = "the run does not have all 19 corruptions";
    CorruptionScoresOfModel& scores = summary.models.emplace_back();
    scores.model = static_cast<int>(model);
    scores.error = measure(0, "mean over the 15 corruptions of ImageNet-C", "");
    scores.mce = measure(1, "mean over the 15 corruptions of ImageNet-C, errors / " + divided, no_ratio);
    scores.relative_mce = measure(
        2, "mean over the 15 corruptions of ImageNet-C, errors above the clean one / " + divided, no_ratio);
    scores.error_19 = measure(3, "mean over all 19 corruptions of ImageNet-C", no_19);
    scores.mce_19 = measure(4, "mean over all 19 corruptions of ImageNet-C, errors / " + divided,
                            columns.corruptions < kAll ? no_19
                            : customary                ? "AlexNet's customary errors are of 15 corruptions"
                                                       : no_ratio);
    for (std::size_t c = 0; c < columns.corruptions; ++c)
      scores.corruption_error.push_back(measure(5 + c, "mean over the 5 severities", ""));
  }
  return summary;
}

}  // namespace cuebench
