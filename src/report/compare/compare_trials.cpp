#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/comparison.hpp>
#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/conditions.hpp>
#include <cuebench/scoring/inputs.hpp>

#include "../csv_row.hpp"
#include "agreement.hpp"
#include "compared_run.hpp"

namespace cuebench {
namespace {

namespace fs = std::filesystem;
using scoring::TrialTable;

/// Numbers of answers that are no class of the run.
constexpr int kNoAnswer = -2;
constexpr int kForeignAnswer = 1 << 20;

/// One observer's trials of one image: the earliest session for each condition.
struct ImageTrials {
  struct Trial {
    std::string condition;
    std::int32_t session = 0;
    int category = 0, response = 0;
  };
  std::vector<Trial> trials;

  void add(const Trial& trial) {
    for (Trial& known : trials) {
      if (known.condition != trial.condition) continue;
      if (trial.session < known.session) known = trial;
      return;
    }
    trials.push_back(trial);
  }
};

struct Observer {
  std::string source, name;
  std::map<std::string, ImageTrials, std::less<>> images;  ///< by shared name
  std::set<std::string> conditions;
};

std::vector<Observer> observers_of(const TrialTable& table) {
  std::vector<Observer> observers;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> place;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto [found, fresh] = place.try_emplace({table.set[i], table.observer[i]}, observers.size());
    if (fresh) observers.push_back({table.sets[table.set[i]], table.observers[table.observer[i]], {}, {}});
    Observer& observer = observers[found->second];
    const std::string& condition = table.conditions[table.condition[i]];
    observer.conditions.insert(condition);
    observer.images[table.images[table.image[i]]].add(
        {condition, table.session[i], table.category[i], table.response[i]});
  }
  return observers;
}

std::string_view base_name(std::string_view id) {
  return id.substr(id.rfind('/') + 1);
}

/// The fourth part of a name as model-vs-human writes it (NUMBER_TAG_dnn_CONDITION_CATEGORY_...); "" elsewhere.
std::string condition_in_name(std::string_view name) {
  std::vector<std::string_view> parts;
  for (std::size_t end = name.find('_'); end != name.npos && parts.size() < 5; end = name.find('_')) {
    parts.push_back(name.substr(0, end));
    name.remove_prefix(end + 1);
  }
  return parts.size() == 5 ? scoring::canonical_condition(parts[3]) : "";
}

/// The run's items with what they are joined by.
struct NamedItem {
  std::string_view shared;
  std::string condition;
};

class TrialsComparer {
 public:
  TrialsComparer(const fs::path& folder, scoring::Inputs inputs, std::string file, const BootstrapOptions& options)
      : open_(folder), file_(std::move(file)), observers_(observers_of(inputs.trials)) {
    comparison_.bootstrap = options;
    comparison_.findings = std::move(inputs.findings);
    comparison_.runs.push_back(describe_run(open_, fs::weakly_canonical(folder).filename().string()));
    require_categories();
    for (const StoredItem& item : open_.run().items) {
      const std::string_view name = base_name(item.id);
      items_.push_back({scoring::shared_image_name(name), condition_in_name(name)});
    }
    for (const StoredVariant& variant : open_.run().variants)
      condition_of_variant_.push_back(scoring::canonical_condition(variant.text));
    for (const Observer& observer : observers_)
      for (const StoredModel& model : open_.run().models)
        comparison_.agreements.push_back({run().name, model.name, observer.source, observer.name, "image", {}});
  }

  RunComparison run_all() {
    for (std::size_t variant = 0; variant < open_.run().variants.size(); ++variant)
      add_variant(static_cast<int>(variant));
    std::erase_if(comparison_.agreements, [](const DecisionAgreement& one) { return one.variants.empty(); });
    if (comparison_.agreements.empty())
      throw UsageError(fmt::format(
          "'{}' and the run '{}' have no image in common ('{}' ...; '{}' ...): images are joined by the end of their "
          "names, as `cuebench score` joins them",
          file_, run().name,
          observers_.empty() || observers_[0].images.empty() ? "" : observers_[0].images.begin()->first,
          items_.empty() ? "" : items_.front().shared));
    for (DecisionAgreement& agreement : comparison_.agreements) adjust_over_variants(agreement.variants);
    add_facts();
    return std::move(comparison_);
  }

 private:
  const ComparedRun& run() const { return comparison_.runs.front(); }

  void require_categories() {
    const auto& classes = open_.run().classes;
    class_of_category_.assign(scoring::kCategories, -1);
    for (std::size_t label = 0; label < classes.size(); ++label)
      if (const int category = scoring::category_index(classes[label]); category >= 0)
        class_of_category_[static_cast<std::size_t>(category)] = static_cast<int>(label);
    if (std::all_of(class_of_category_.begin(), class_of_category_.end(), [](int label) { return label < 0; }))
      throw UsageError(fmt::format(
          "no class of the run '{}' is one of the 16 categories that '{}' answers with (airplane, bear, ... truck): "
          "evaluate on images sorted into these categories",
          run().name, file_));
  }

  int answer_in_run(int response) const {
    if (response == scoring::kNoResponse) return kNoAnswer;
    const int label = class_of_category_[static_cast<std::size_t>(response)];
    return label >= 0 ? label : kForeignAnswer + response;
  }

  /// Null where the observer has no trial of the item under the variant, or several that its name does not tell apart.
  const ImageTrials::Trial* trial_of(const Observer& observer, std::size_t item, int variant) const {
    const auto found = observer.images.find(items_[item].shared);
    if (found == observer.images.end()) return nullptr;
    const std::string& wanted = condition_of_variant_[static_cast<std::size_t>(variant)];
    const ImageTrials::Trial* chosen = nullptr;
    std::size_t candidates = 0;
    for (const ImageTrials::Trial& trial : found->second.trials) {
      const bool names_variant = std::find(condition_of_variant_.begin(), condition_of_variant_.end(),
                                           trial.condition) != condition_of_variant_.end();
      if (names_variant ? trial.condition != wanted : variant != 0) continue;
      const std::string& in_name = items_[item].condition;
      if (!names_variant && observer.conditions.size() > 1 && !in_name.empty() && trial.condition != in_name) continue;
      chosen = &trial;
      ++candidates;
    }
    return candidates == 1 ? chosen : nullptr;
  }

  void add_variant(int variant) {
    const VariantOutcomes outcomes = read_variant(open_, variant, comparison_.runs.front());
    std::size_t place = 0;
    for (const Observer& observer : observers_)
      for (std::size_t model = 0; model < open_.run().models.size(); ++model)
        add_agreement(comparison_.agreements[place++], observer, model, variant, outcomes);
  }

  void add_agreement(DecisionAgreement& pair, const Observer& observer, std::size_t model, int variant,
                     const VariantOutcomes& outcomes) {
    std::vector<JoinedImage> images;
    std::vector<int> responses;
    for (std::size_t item = 0; item < items_.size(); ++item) {
      if (!open_.sample.items.scored[item]) continue;
      const ImageTrials::Trial* trial = trial_of(observer, item, variant);
      if (!trial) continue;
      const int label = open_.sample.labels[item];
      if (label >= 0 && answer_in_run(trial->category) != label)
        throw UsageError(
            fmt::format("'{}' and the run '{}' are of different data: '{}' is '{}' in the run and '{}' in the file; "
                        "compare answers "
                        "to the same images",
                        file_, run().name, open_.run().items[item].id, class_name(open_.run(), label),
                        scoring::category_name(trial->category)));
      images.push_back({static_cast<std::int64_t>(item), label, outcomes.predicted[model][item],
                        answer_in_run(trial->response), outcomes.correct[model][item] != 0,
                        trial->response == trial->category});
      responses.push_back(trial->response);
    }
    if (images.empty()) return;
    VariantAgreement agreement = measure_agreement(images, comparison_.bootstrap);
    agreement.variant = open_.run().variants[static_cast<std::size_t>(variant)].text;
    for (std::size_t i = 0; i < images.size(); ++i) {
      const JoinedImage& image = images[i];
      if (image.first == image.second) continue;
      agreement.differing.push_back(
          {open_.run().items[static_cast<std::size_t>(image.item)].id, class_name(open_.run(), image.label),
           class_name(open_.run(), image.first),
           responses[i] == scoring::kNoResponse ? "na" : std::string(scoring::category_name(responses[i])),
           image.first_right, image.second_right, open_.picture(image.item, variant)});
    }
    pair.variants.push_back(std::move(agreement));
  }

  void add_facts() {
    std::int64_t fewest = std::ssize(items_), most = 0;
    for (const DecisionAgreement& agreement : comparison_.agreements)
      for (const VariantAgreement& of : agreement.variants) {
        fewest = std::min(fewest, of.identical.n);
        most = std::max(most, of.identical.n);
      }
    const bool all = fewest == run().items.scored;
    comparison_.facts.push_back(
        {"Images", all,
         fmt::format("{} of the run's {} scored images {} in the trials, joined by the end of their names; the images "
                     "are not compared themselves",
                     fewest == most ? std::to_string(most) : fmt::format("{} to {}", fewest, most), run().items.scored,
                     most == 1 ? "is" : "are")});
    if (!run().complete)
      comparison_.facts.push_back(
          {"Unfinished", false,
           fmt::format("{}: {} of {} blocks are done", run().name, run().items.finished_blocks, run().items.blocks)});
  }

  OpenRun open_;
  std::string file_;
  std::vector<Observer> observers_;
  std::vector<NamedItem> items_;
  std::vector<std::string> condition_of_variant_;
  std::vector<int> class_of_category_;
  RunComparison comparison_;
};

}  // namespace

RunComparison compare_with_trials(const fs::path& folder, const fs::path& trials, const BootstrapOptions& options) {
  scoring::Inputs inputs = scoring::read_inputs({trials});
  if (inputs.trials.size() == 0)
    throw UsageError(
        fmt::format("'{}' holds no per-trial answers: name a CSV file of model-vs-human's layout", trials.string()));
  return TrialsComparer(folder, std::move(inputs), trials.filename().string(), options).run_all();
}

}  // namespace cuebench
