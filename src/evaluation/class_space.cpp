#include "class_space.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {

extern const char* const kImagenet1kText;  // resources/imagenet1k.txt
extern const char* const kImagenet16Text;  // resources/imagenet16.txt

namespace {

/// Category name -> ImageNet-1k class indices.
std::map<std::string, std::vector<int>> read_entry_level_categories() {
  std::map<std::string, std::vector<int>> categories;
  std::istringstream lines(kImagenet16Text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (int index = 0; words >> index;) categories[name].push_back(index);
  }
  return categories;
}

bool all_in(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  std::vector<std::string> sorted = whole;
  std::sort(sorted.begin(), sorted.end());
  return std::all_of(part.begin(), part.end(),
                     [&](const auto& name) { return std::binary_search(sorted.begin(), sorted.end(), name); });
}

int index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

/// A model's class names: its own, or ImageNet's where the count says 1000 and the data set speaks WordNet ids.
std::vector<std::string> names_of_outputs(int outputs, const std::vector<std::string>& own,
                                          const std::vector<std::string>& dataset_classes) {
  if (!own.empty()) return own;
  if (outputs == 1000 && all_in(dataset_classes, imagenet_wordnet_ids())) return imagenet_wordnet_ids();
  return {};
}

ClassSpace adopt(const std::vector<std::string>& names, const std::vector<std::string>& dataset_classes) {
  ClassSpace space{names, {}, {}};
  for (const auto& name : dataset_classes) space.of_dataset_class.push_back(index_of(names, name));
  if (dataset_classes.size() < names.size())
    space.note = fmt::format("the data set holds {} of the {} classes that the models know", dataset_classes.size(),
                             names.size());
  return space;
}

}  // namespace

const std::vector<std::string>& imagenet_wordnet_ids() {
  static const std::vector<std::string> ids = [] {
    std::vector<std::string> read;
    std::istringstream lines(kImagenet1kText);
    for (std::string line; std::getline(lines, line);)
      if (!line.empty()) read.push_back(line);
    return read;
  }();
  return ids;
}

ClassSpace choose_class_space(const std::vector<std::string>& dataset_classes,
                              const std::vector<std::string>& model_names, const std::vector<int>& model_outputs,
                              const std::vector<std::vector<std::string>>& model_classes) {
  for (std::size_t m = 0; m < model_names.size(); ++m) {
    const auto names = names_of_outputs(model_outputs[m], model_classes[m], dataset_classes);
    // Another order of the same classes counts when all models have it; a model without names is in the data's order.
    const bool more = names.size() > dataset_classes.size();
    const bool all_agree =
        std::all_of(model_classes.begin(), model_classes.end(), [&](const auto& classes) { return classes == names; });
    if (!names.empty() && (more || all_agree) && all_in(dataset_classes, names)) return adopt(names, dataset_classes);
  }
  return adopt(dataset_classes, dataset_classes);
}

OutputMapping map_outputs(const ClassSpace& space, std::string_view model, int outputs,
                          const std::vector<std::string>& model_classes) {
  const auto count = static_cast<int>(space.names.size());
  if (!model_classes.empty() && model_classes != space.names && all_in(space.names, model_classes)) {
    OutputMapping mapping;
    for (const auto& name : space.names) mapping.members.push_back({index_of(model_classes, name)});
    return mapping;
  }
  if (outputs == count) return {};
  const auto categories = read_entry_level_categories();
  const bool entry_level =
      std::all_of(space.names.begin(), space.names.end(), [&](const auto& name) { return categories.count(name) > 0; });
  if (outputs == 1000 && entry_level) {
    OutputMapping mapping;
    for (const auto& name : space.names) mapping.members.push_back(categories.at(name));
    return mapping;
  }
  throw UsageError(fmt::format(
      "model '{}' has {} outputs but the data set has {} classes ({}{}): list the model's classes in its sidecar "
      "FILE.json as \"classes\", or use data with the classes that it was trained on",
      model, outputs, count, space.names.empty() ? "" : space.names.front(), count > 1 ? ", ..." : ""));
}

}  // namespace cuebench
