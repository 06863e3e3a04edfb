#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/scoring/corruption_table.hpp>

namespace cuebench::scoring {
namespace {

struct Customary {
  std::string_view corruption;
  double error;
};
constexpr std::array<Customary, 15> kCustomary{{{"gaussian_noise", .886428},
                                                {"shot_noise", .894468},
                                                {"impulse_noise", .922640},
                                                {"defocus_blur", .819880},
                                                {"glass_blur", .826268},
                                                {"motion_blur", .785948},
                                                {"zoom_blur", .798360},
                                                {"snow", .866816},
                                                {"frost", .826572},
                                                {"fog", .819324},
                                                {"brightness", .564592},
                                                {"contrast", .853204},
                                                {"elastic_transform", .646056},
                                                {"pixelate", .717840},
                                                {"jpeg_compression", .606500}}};
constexpr std::array<std::string_view, 4> kExtra{"gaussian_blur", "saturate", "spatter", "speckle_noise"};

/// The data set that a table's name tells.
std::string dataset_of(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  for (const std::string_view dataset : {"cifar100", "cifar10", "tiny", "mnist"})
    if (name.find(dataset) != name.npos) return std::string(dataset);
  return "imagenet";
}

double parse_cell(const std::string& cell, std::string_view file, std::size_t line) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !(value >= 0 && value <= 1))
    throw UsageError(fmt::format("{}, line {}: '{}' is not an accuracy between 0 and 1", file, line, cell));
  return value;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Estimate undefined(std::string why) {
  return {{}, {}, {}, 0, "undefined: " + std::move(why)};
}

/// The mean over `which` of value(corruption); absent with a reason where one is.
Estimate mean_over(const std::vector<std::size_t>& which, const std::string& method,
                   const std::function<std::optional<double>(std::size_t)>& value, const std::string& reason) {
  if (which.empty()) return undefined("the table has none of these corruptions");
  double sum = 0;
  for (const std::size_t corruption : which) {
    const auto one = value(corruption);
    if (!one) return undefined(reason);
    sum += *one;
  }
  return {sum / static_cast<double>(which.size()), {}, {}, static_cast<std::int64_t>(which.size()), method};
}

std::optional<double> ratio(double over, double under) {
  if (!(under > 0)) return std::nullopt;
  return over / under;
}

/// Which corruptions the benchmark's numbers are made of, and how they are named together.
struct Selection {
  std::vector<std::size_t> main, all_19;
  std::string name;
  std::string lacking_19;
};

Selection select(const CorruptionTable& table) {
  Selection selection;
  std::vector<std::size_t> extra;
  for (std::size_t i = 0; i < table.corruptions.size(); ++i) {
    if (is_benchmark_corruption(table.corruptions[i])) selection.main.push_back(i);
    if (is_extra_corruption(table.corruptions[i])) extra.push_back(i);
  }
  if (selection.main.empty()) {
    selection.main.resize(table.corruptions.size());
    std::iota(selection.main.begin(), selection.main.end(), std::size_t{0});
    selection.name = fmt::format("mean over the table's {} corruptions, none of ImageNet-C", selection.main.size());
  } else {
    selection.name = fmt::format("mean over {} of ImageNet-C's 15 corruptions", selection.main.size());
  }
  if (selection.main.size() == kCustomary.size() && extra.size() == kExtra.size()) {
    selection.all_19 = selection.main;
    selection.all_19.insert(selection.all_19.end(), extra.begin(), extra.end());
  }
  return selection;
}

}  // namespace

bool is_benchmark_corruption(std::string_view corruption) {
  return customary_alexnet_error(corruption).has_value();
}

bool is_extra_corruption(std::string_view corruption) {
  return std::find(kExtra.begin(), kExtra.end(), corruption) != kExtra.end();
}

std::optional<double> customary_alexnet_error(std::string_view corruption) {
  const auto found = std::find_if(kCustomary.begin(), kCustomary.end(),
                                  [&](const Customary& entry) { return entry.corruption == corruption; });
  return found == kCustomary.end() ? std::nullopt : std::optional(found->error);
}

CorruptionTable read_corruption_table(std::string_view text, std::string_view file) {
  const CsvTable csv = parse_csv(text, file);
  if (csv.rows.empty()) throw UsageError(fmt::format("{}: a second header row with the severities is missing", file));
  const auto& severities = csv.rows.front().fields;
  CorruptionTable table;
  table.file = file;
  table.dataset = dataset_of(file);
  std::vector<std::size_t> place(csv.header.size());
  std::vector<int> deepest;
  for (std::size_t column = 1; column < csv.header.size(); ++column) {
    const auto known = std::find(table.corruptions.begin(), table.corruptions.end(), csv.header[column]);
    place[column] = static_cast<std::size_t>(known - table.corruptions.begin());
    if (known == table.corruptions.end()) {
      table.corruptions.push_back(csv.header[column]);
      deepest.push_back(0);
    }
    if (severities[column] != std::to_string(++deepest[place[column]]))
      throw UsageError(fmt::format("{}, line {}: severity '{}' of '{}' where {} is expected", file,
                                   csv.rows.front().line, severities[column], csv.header[column],
                                   deepest[place[column]]));
  }
  std::set<std::string> models;
  for (std::size_t row = 1; row < csv.rows.size(); ++row) {
    const auto& [line, fields] = csv.rows[row];
    if (!models.insert(fields[0]).second)
      throw UsageError(fmt::format("{}, line {}: model '{}' stands there twice", file, line, fields[0]));
    CorruptionTable::Row& entry = table.rows.emplace_back();
    entry.model = fields[0];
    entry.error.resize(table.corruptions.size());
    for (std::size_t column = 1; column < fields.size(); ++column)
      entry.error[place[column]].push_back(1 - parse_cell(fields[column], file, line));
  }
  if (table.rows.empty()) throw UsageError(fmt::format("{}: two header rows and no model", file));
  return table;
}

std::optional<double> mean_corruption_error(std::span<const double> error, double clean,
                                            std::span<const double> baseline, double baseline_clean) {
  if (error.empty()) return std::nullopt;
  double sum = 0;
  for (std::size_t c = 0; c < error.size(); ++c) {
    const auto one = ratio(error[c] - clean, baseline[c] - baseline_clean);
    if (!one) return std::nullopt;
    sum += *one;
  }
  return sum / static_cast<double>(error.size());
}

std::vector<CorruptionScores> score_corruptions(const CorruptionTable& table, std::string_view baseline) {
  const Selection selection = select(table);
  const auto reference =
      std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row.model == baseline; });
  const bool own = reference != table.rows.end();
  const std::string no_customary = table.dataset == "imagenet"
                                       ? "the customary AlexNet table has no such corruption"
                                       : "the customary AlexNet errors are of ImageNet-C, not of " + table.dataset;
  const auto customary = [&](std::size_t c) {
    return table.dataset == "imagenet" ? customary_alexnet_error(table.corruptions[c]) : std::nullopt;
  };
  const auto clean = [&](const std::string& model) -> std::optional<double> {
    const auto found = table.clean_error.find(model);
    return found == table.clean_error.end() ? std::nullopt : std::optional(found->second);
  };
  const std::string no_row = fmt::format("the table has no row {} to divide by", baseline);
  const std::string own_name = fmt::format("those of the table's {}", baseline);
  const std::string no_clean = "accuracy on clean images is not known: name RobustBench's model_info JSON files too";
  std::vector<CorruptionScores> scores;
  for (const CorruptionTable::Row& row : table.rows) {
    CorruptionScores& s = scores.emplace_back();
    s.model = row.model;
    for (std::size_t c = 0; c < table.corruptions.size(); ++c) {
      s.mean_error.push_back(mean(row.error[c]));
      s.ce_own.push_back(own ? ratio(s.mean_error[c], mean(reference->error[c])) : std::nullopt);
    }
    const auto error = [&](std::size_t c) { return std::optional(s.mean_error[c]); };
    const auto relative = [&](std::size_t c, std::optional<double> alexnet_error,
                              std::optional<double> alexnet_clean) -> std::optional<double> {
      const auto own_clean = clean(row.model);
      if (!own_clean || !alexnet_clean || !alexnet_error) return std::nullopt;
      return ratio(s.mean_error[c] - *own_clean, *alexnet_error - *alexnet_clean);
    };
    s.error = mean_over(selection.main, selection.name, error, "");
    s.accuracy = s.error;
    s.accuracy.value = 1 - *s.error.value;
    s.mce_own = mean_over(
        selection.main, selection.name + ", errors / " + own_name, [&](std::size_t c) { return s.ce_own[c]; }, no_row);
    s.mce_customary = mean_over(
        selection.main, selection.name + ", errors / AlexNet's on the 50,000 images of ImageNet-C",
        [&](std::size_t c) -> std::optional<double> {
          const auto error_there = customary(c);
          return error_there ? ratio(s.mean_error[c], *error_there) : std::nullopt;
        },
        no_customary);
    s.relative_mce_own = mean_over(
        selection.main, selection.name + ", errors above the clean one / " + own_name,
        [&](std::size_t c) {
          return relative(c, own ? std::optional(mean(reference->error[c])) : std::nullopt,
                          clean(std::string(baseline)));
        },
        own ? no_clean : no_row);
    s.relative_mce_customary = mean_over(
        selection.main, selection.name + ", errors above the clean one / AlexNet's on the 50,000 images of ImageNet-C",
        [&](std::size_t c) { return relative(c, customary(c), kCustomaryAlexnetCleanError); },
        customary(selection.main.front()) ? no_clean : no_customary);
    if (selection.all_19.empty()) {
      s.error_19 = s.mce_own_19 = undefined("the table does not have all 19 corruptions");
    } else {
      s.error_19 = mean_over(selection.all_19, "mean over all 19 corruptions of ImageNet-C", error, "");
      s.mce_own_19 = mean_over(
          selection.all_19, "mean over all 19 corruptions, errors / " + own_name,
          [&](std::size_t c) { return s.ce_own[c]; }, no_row);
    }
  }
  return scores;
}

}  // namespace cuebench::scoring
