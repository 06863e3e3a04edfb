#include "class_space.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {

extern const char* const kImagenet1kText;  // resources/imagenet1k.txt

namespace {

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

bool is_cifar10(int outputs, const std::vector<std::string>& classes) {
  return outputs == 10 && classes.size() == 10 && all_in(cifar10_classes(), classes);
}

}  // namespace

bool OutputMapping::aggregates() const {
  return std::any_of(members.begin(), members.end(), [](const auto& outputs) { return outputs.size() > 1; });
}

bool OutputMapping::lacks(int label) const {
  return !identity() && label >= 0 && members[static_cast<std::size_t>(label)].empty();
}

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

ClassSpace entry_level_space(const std::vector<std::string>& dataset_classes) {
  ClassSpace space = adopt(entry_level_categories(), dataset_classes);
  if (!space.note.empty())
    space.note = fmt::format("the data set holds {} of the 16 entry-level categories; models decide among all 16",
                             dataset_classes.size());
  return space;
}

bool goes_to_entry_level(const std::vector<std::string>& dataset_classes, int outputs,
                         const std::vector<std::string>& model_classes) {
  return all_in(dataset_classes, entry_level_categories()) && !all_in(dataset_classes, model_classes) &&
         (outputs == 1000 || is_cifar10(outputs, model_classes));
}

OutputMapping map_categories(const ClassSpace& space, const CategoryOutputs& categories) {
  OutputMapping mapping;
  for (const auto& name : space.names) {
    const auto found = categories.find(name);
    mapping.members.push_back(found == categories.end() ? std::vector<int>{} : found->second);
    mapping.order.push_back(static_cast<int>(mapping.order.size()));
  }
  std::sort(mapping.order.begin(), mapping.order.end(), [&](int a, int b) {
    return space.names[static_cast<std::size_t>(a)] < space.names[static_cast<std::size_t>(b)];
  });
  return mapping;
}

OutputMapping map_outputs(const ClassSpace& space, std::string_view model, int outputs,
                          const std::vector<std::string>& model_classes) {
  const auto count = static_cast<int>(space.names.size());
  if (!model_classes.empty() && model_classes != space.names && all_in(space.names, model_classes)) {
    CategoryOutputs by_name;
    for (const auto& name : space.names) by_name[name] = {index_of(model_classes, name)};
    return map_categories(space, by_name);
  }
  if (outputs == count) return {};
  if (goes_to_entry_level(space.names, outputs, model_classes))
    return map_categories(space, outputs == 1000 ? imagenet_outputs() : cifar10_outputs(model_classes));
  throw UsageError(fmt::format(
      "model '{}' has {} outputs but the data set has {} classes ({}{}): list the model's classes in its sidecar "
      "FILE.json as \"classes\", say what its outputs mean with --class-mapping, or use data with the classes that it "
      "was trained on",
      model, outputs, count, space.names.empty() ? "" : space.names.front(), count > 1 ? ", ..." : ""));
}

}  // namespace cuebench
