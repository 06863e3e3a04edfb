#include <algorithm>
#include <cctype>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/image_names.hpp>
#include <cuebench/scoring/trial_writer.hpp>

namespace cuebench::scoring {
namespace {

constexpr std::string_view kHumans = "subject-";

std::string with_hyphens(std::string_view text) {
  std::string result(text);
  std::replace(result.begin(), result.end(), '_', '-');
  return result;
}

}  // namespace

void require_trial_categories(const std::vector<std::string>& classes) {
  for (const auto& name : classes)
    if (category_index(name) < 0)
      throw UsageError(
          fmt::format("--export-trials: files of model-vs-human hold its 16 categories, and the class '{}' of this run "
                      "is none of them: use data in these categories (`geirhos`, silhouettes), or leave the export out",
                      name));
}

void require_trial_observers(const std::vector<std::string>& observers) {
  std::map<std::string, std::string> files;
  for (const auto& name : observers) {
    if (name.find('/') != std::string::npos)
      throw UsageError(
          fmt::format("--export-trials: the model name '{}' cannot stand in a file name: name the model "
                      "without '/'",
                      name));
    if (name.starts_with(kHumans))
      throw UsageError(
          fmt::format("--export-trials: model-vs-human takes '{}' for a human: give the model a name that "
                      "does not begin with '{}'",
                      name, kHumans));
    if (const auto [other, free] = files.try_emplace(with_hyphens(name), name); !free)
      throw UsageError(
          fmt::format("--export-trials: the models '{}' and '{}' would be one file, since model-vs-human "
                      "writes '-' for '_': rename one",
                      other->second, name));
  }
}

void require_trial_set(std::string_view set) {
  const bool usable = !set.empty() && set.front() != '.' && std::all_of(set.begin(), set.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.';
  });
  if (!usable)
    throw UsageError(
        fmt::format("--trials-set '{}': a set of model-vs-human is named with letters, digits, '-' and '.'", set));
}

std::filesystem::path trial_file(std::string_view set, std::string_view observer) {
  return std::filesystem::path(set) / fmt::format("{}_{}_session-1.csv", set, with_hyphens(observer));
}

std::string write_trials(std::string_view observer, std::span<const AnsweredTrial> trials) {
  std::string text = "subj,session,trial,rt,object_response,category,condition,imagename\r\n";
  std::unordered_map<std::string_view, std::string_view> seen;
  const std::string subject = csv_field(observer);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const AnsweredTrial& trial = trials[i];
    if (const auto [other, free] = seen.try_emplace(shared_image_name(trial.imagename), trial.imagename); !free)
      throw UsageError(
          fmt::format("--export-trials: the images '{}' and '{}' are one image for model-vs-human, which "
                      "tells images apart by what stands behind the last '_' of the file name: rename one",
                      other->second, trial.imagename));
    text += fmt::format("{},1,{},NaN,{},{},NaN,{}\r\n", subject, i + 1, trial.response, trial.category,
                        csv_field(trial.imagename));
  }
  return text;
}

}  // namespace cuebench::scoring
