#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

#include "../csv_row.hpp"
#include "agreement.hpp"
#include "compared_run.hpp"
#include "comparison_facts.hpp"

namespace cuebench {
namespace {

namespace fs = std::filesystem;

/// Numbers of classes that the first run does not have.
constexpr int kForeignClass = 1 << 20;

void require_different(const std::vector<fs::path>& folders) {
  std::set<fs::path> seen;
  for (const fs::path& folder : folders)
    if (!seen.insert(fs::weakly_canonical(folder)).second)
      throw UsageError(fmt::format("the run '{}' is named twice: name each run once", folder.string()));
}

/// The folders' names; with their parents where two are called the same.
std::vector<std::string> names_of(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  std::vector<fs::path> whole;
  for (const fs::path& folder : folders) {
    fs::path path = fs::weakly_canonical(folder);
    names.push_back(path.filename().string());
    whole.push_back(std::move(path));
  }
  std::vector<std::string> different = names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (std::count(names.begin(), names.end(), names[i]) > 1)
      different[i] = (whole[i].parent_path().filename() / names[i]).string();
  if (std::set(different.begin(), different.end()).size() == different.size()) return different;
  for (std::size_t i = 0; i < names.size(); ++i) different[i] = fmt::format("{} ({})", names[i], i + 1);
  return different;
}

/// Items of two runs with the same id, and how the second's classes are numbered in the first.
struct Join {
  std::size_t first = 0, second = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> items;
  std::vector<int> class_in_first;

  int renumbered(int label) const {
    return label >= 0 && static_cast<std::size_t>(label) < class_in_first.size()
               ? class_in_first[static_cast<std::size_t>(label)]
               : label;
  }
};

std::vector<int> renumber_classes(const RunDescription& first, const RunDescription& second) {
  std::unordered_map<std::string, int> number;
  for (std::size_t label = 0; label < first.classes.size(); ++label)
    number.emplace(first.classes[label], static_cast<int>(label));
  std::vector<int> result;
  for (std::size_t label = 0; label < second.classes.size(); ++label) {
    const auto found = number.find(second.classes[label]);
    result.push_back(found == number.end() ? kForeignClass + static_cast<int>(label) : found->second);
  }
  return result;
}

Join join_items(const std::vector<ComparedRun>& runs, std::size_t first, std::size_t second) {
  const RunDescription &a = runs[first].description, &b = runs[second].description;
  Join join{first, second, {}, renumber_classes(a, b)};
  std::unordered_map<std::string_view, std::int64_t> item_of_id;
  for (std::size_t item = 0; item < b.items.size(); ++item)
    item_of_id.emplace(b.items[item].id, static_cast<std::int64_t>(item));
  for (std::size_t item = 0; item < a.items.size(); ++item) {
    const auto found = item_of_id.find(a.items[item].id);
    if (found == item_of_id.end()) continue;
    const StoredItem& other = b.items[static_cast<std::size_t>(found->second)];
    if (a.items[item].label >= 0 && other.label >= 0 && join.renumbered(other.label) != a.items[item].label)
      throw UsageError(
          fmt::format("the runs '{}' and '{}' are of different data: '{}' is '{}' in one and '{}' in the other; "
                      "compare runs of the "
                      "same images",
                      runs[first].name, runs[second].name, other.id, class_name(a, a.items[item].label),
                      class_name(b, other.label)));
    join.items.emplace_back(static_cast<std::int64_t>(item), found->second);
  }
  if (join.items.empty())
    throw UsageError(
        fmt::format("the runs '{}' and '{}' have no image in common ('{}' ...; '{}' ...): compare runs of "
                    "the same images",
                    runs[first].name, runs[second].name, a.items.empty() ? "" : a.items.front().id,
                    b.items.empty() ? "" : b.items.front().id));
  return join;
}

/// Two models that are the same by name or by file.
struct ModelPair {
  std::size_t join = 0;
  int first = 0, second = 0;
};

std::string match(const StoredModel& a, const StoredModel& b) {
  const bool file = !a.sha256.empty() && a.sha256 == b.sha256;
  if (a.name == b.name) return file ? "name and file" : "name";
  return file ? "file" : "";
}

class RunsComparer {
 public:
  RunsComparer(const std::vector<fs::path>& folders, const BootstrapOptions& options) {
    comparison_.bootstrap = options;
    const std::vector<std::string> names = names_of(folders);
    for (std::size_t i = 0; i < folders.size(); ++i) {
      open_.emplace_back(folders[i]);
      comparison_.runs.push_back(describe_run(open_.back(), names[i]));
    }
    for (std::size_t first = 0; first < folders.size(); ++first)
      for (std::size_t second = first + 1; second < folders.size(); ++second) add_join(first, second);
    comparison_.facts = compare_facts(comparison_.runs, images_of_all());
  }

  RunComparison run() {
    std::vector<std::string> variants;
    for (const OpenRun& open : open_)
      for (const StoredVariant& variant : open.run().variants)
        if (std::find(variants.begin(), variants.end(), variant.text) == variants.end())
          variants.push_back(variant.text);
    for (const std::string& variant : variants) add_variant(variant);
    for (DecisionAgreement& agreement : comparison_.agreements) adjust_over_variants(agreement.variants);
    return std::move(comparison_);
  }

 private:
  void add_join(std::size_t first, std::size_t second) {
    joins_.push_back(join_items(comparison_.runs, first, second));
    const ComparedRun &a = comparison_.runs[first], &b = comparison_.runs[second];
    for (std::size_t m = 0; m < a.description.models.size(); ++m)
      for (std::size_t o = 0; o < b.description.models.size(); ++o) {
        const StoredModel &one = a.description.models[m], &other = b.description.models[o];
        const std::string matched = match(one, other);
        if (matched.empty()) continue;
        pairs_.push_back({joins_.size() - 1, static_cast<int>(m), static_cast<int>(o)});
        comparison_.agreements.push_back({a.name, one.name, b.name, other.name, matched, {}});
      }
  }

  std::int64_t images_of_all() const {
    std::unordered_map<std::string_view, std::size_t> runs_with;
    for (const OpenRun& open : open_)
      for (const StoredItem& item : open.run().items) ++runs_with[item.id];
    return std::count_if(runs_with.begin(), runs_with.end(),
                         [&](const auto& entry) { return entry.second == open_.size(); });
  }

  void add_variant(const std::string& text) {
    std::vector<int> places;
    std::vector<VariantOutcomes> outcomes;
    for (std::size_t run = 0; run < open_.size(); ++run) {
      places.push_back(open_[run].variant(text));
      outcomes.push_back(places[run] < 0 ? VariantOutcomes{}
                                         : read_variant(open_[run], places[run], comparison_.runs[run]));
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const Join& join = joins_[pairs_[i].join];
      if (places[join.first] < 0 || places[join.second] < 0) continue;
      comparison_.agreements[i].variants.push_back(
          compare(text, pairs_[i], join, outcomes[join.first], outcomes[join.second], places));
    }
  }

  VariantAgreement compare(const std::string& text, const ModelPair& pair, const Join& join, const VariantOutcomes& a,
                           const VariantOutcomes& b, const std::vector<int>& places) const {
    const OpenRun &first = open_[join.first], &second = open_[join.second];
    std::vector<JoinedImage> images;
    std::vector<std::int64_t> of_second;
    for (const auto& [item, other] : join.items) {
      if (!first.sample.items.scored[item] || !second.sample.items.scored[other]) continue;
      // A label that only one run has is no label: the other could not be right.
      const int label = second.sample.labels[other] < 0 ? -1 : first.sample.labels[item];
      images.push_back({item, label, a.predicted[pair.first][item], join.renumbered(b.predicted[pair.second][other]),
                        a.correct[pair.first][item] != 0, b.correct[pair.second][other] != 0});
      of_second.push_back(other);
    }
    VariantAgreement agreement = measure_agreement(images, comparison_.bootstrap);
    agreement.variant = text;
    for (std::size_t i = 0; i < images.size(); ++i) {
      const JoinedImage& image = images[i];
      if (image.first == image.second) continue;
      DifferingImage differing{first.run().items[image.item].id,
                               class_name(first.run(), image.label),
                               class_name(first.run(), image.first),
                               class_name(second.run(), b.predicted[pair.second][of_second[i]]),
                               image.first_right,
                               image.second_right,
                               first.picture(image.item, places[join.first])};
      if (differing.png.empty()) differing.png = second.picture(of_second[i], places[join.second]);
      agreement.differing.push_back(std::move(differing));
    }
    return agreement;
  }

  std::vector<OpenRun> open_;
  std::vector<Join> joins_;
  std::vector<ModelPair> pairs_;  ///< as RunComparison::agreements
  RunComparison comparison_;
};

}  // namespace

RunComparison compare_runs(const std::vector<fs::path>& folders, const BootstrapOptions& options) {
  require_different(folders);
  return RunsComparer(folders, options).run();
}

}  // namespace cuebench
