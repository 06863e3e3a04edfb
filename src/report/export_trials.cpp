#include "export_trials.hpp"

#include <cctype>
#include <map>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/summary.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/image_names.hpp>
#include <cuebench/scoring/trial_writer.hpp>

#include "outcome_table.hpp"

namespace cuebench {
namespace {

/// A variant's canonical text with what a set's name cannot hold as '-'.
std::string as_set_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) || c == '.';
    if (kept || (!name.empty() && name.back() != '-')) name += kept ? c : '-';
  }
  return name;
}

std::vector<std::string> set_names(const RunDescription& run, const std::string& wanted) {
  const std::string clean = !wanted.empty() ? wanted : run.has_cues ? "cue-conflict" : "images";
  std::vector<std::string> names{clean};
  std::map<std::string, int> taken;
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant) {
    std::string name = clean + "-" + as_set_name(run.variants[variant].text);
    if (const int before = taken[name]++; before > 0) name += fmt::format("-{}", before + 1);
    names.push_back(std::move(name));
  }
  return names;
}

bool says(const std::string& name, const StoredItem& item, const RunDescription& run) {
  const auto labels = scoring::cue_labels(scoring::shared_image_name(name));
  const auto is = [&](int category, int label) {
    return scoring::category_name(category) == run.classes[static_cast<std::size_t>(label)];
  };
  return labels && is(labels->shape, item.shape_label) && is(labels->texture, item.texture_label);
}

/// The file's base name. Where shape and texture disagree readers take both from the name, so that one which does not
/// tell them is replaced.
std::string image_name(const RunDescription& run, int variant, std::size_t index) {
  const StoredItem& item = run.items[index];
  std::string name = item.id.substr(item.id.rfind('/') + 1);
  if (!cues_conflict(run, variant) || item.shape_label < 0 || item.texture_label < 0 || says(name, item, run))
    return name;
  const auto class_of = [&](int label) { return run.classes[static_cast<std::size_t>(label)]; };
  return fmt::format("{0}{2}-{1}{2}.png", class_of(item.shape_label), class_of(item.texture_label), index + 1);
}

std::vector<scoring::AnsweredTrial> trials_of(const RunStore& store, const Sample& sample, int model, int variant) {
  const RunDescription& run = store.description();
  std::vector<scoring::AnsweredTrial> trials;
  store.for_each_outcome(model, variant, [&](std::int64_t item, const Outcome& outcome) {
    const auto index = static_cast<std::size_t>(item);
    if (sample.labels[index] < 0) return;
    trials.push_back({run.classes.at(static_cast<std::size_t>(sample.labels[index])),
                      run.classes.at(static_cast<std::size_t>(outcome.predicted)), image_name(run, variant, index)});
  });
  return trials;
}

}  // namespace

void export_trials(const RunStore& store, const std::filesystem::path& folder, const std::string& set) {
  const RunDescription& run = store.description();
  scoring::require_trial_categories(run.classes);
  std::vector<std::string> observers;
  for (const StoredModel& model : run.models) observers.push_back(model.name);
  scoring::require_trial_observers(observers);
  if (!set.empty()) scoring::require_trial_set(set);
  const Sample sample = make_sample(store);
  if (sample.strata.items == 0)
    throw UsageError("--export-trials: no image with a label was scored, so there is no trial to write");
  const std::vector<std::string> sets = set_names(run, set);
  for (std::size_t variant = 0; variant < sets.size(); ++variant)
    for (std::size_t model = 0; model < observers.size(); ++model) {
      const auto trials = trials_of(store, sample, static_cast<int>(model), static_cast<int>(variant));
      const auto file = folder / scoring::trial_file(sets[variant], observers[model]);
      const std::string text = scoring::write_trials(observers[model], trials);
      require_writable_folder(file.parent_path());
      write_file_atomically(file, text);
    }
}

}  // namespace cuebench
