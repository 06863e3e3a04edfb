#pragma once
// Which outputs of a model belong to which category: built in, or from a file that the user wrote.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// Category -> indices of outputs.
using CategoryOutputs = std::map<std::string, std::vector<int>>;

/// The 16 categories of the cue-conflict stimuli in alphabetical order.
const std::vector<std::string>& entry_level_categories();
/// ImageNet-1k's outputs by entry-level category, as model-vs-human groups them.
const CategoryOutputs& imagenet_outputs();
/// CIFAR-10's classes in the order of their labels.
const std::vector<std::string>& cifar10_classes();
/// The outputs of a model with CIFAR-10's classes, in the order of `classes` (empty: CIFAR-10's own), by entry-level
/// category: seven of the ten have one.
CategoryOutputs cifar10_outputs(const std::vector<std::string>& classes);

/// A model as mappings speak of it.
struct MappedModel {
  std::string_view name;
  int outputs = 0;
  const std::vector<std::string>& classes;  ///< names of its outputs, or empty
};

/// What `--class-mapping` says for one model: "imagenet16", "cifar10", or a JSON file {"category": [index or name of an
/// output, ...], ...}. Categories must be among `categories`; those that it leaves out have no output.
/// @throws UsageError naming file, category and output for anything else.
CategoryOutputs read_class_mapping(const std::string& source, const MappedModel& model,
                                   const std::vector<std::string>& categories);

/// By model, the entry of `--class-mapping` ("SOURCE", or "MODEL=SOURCE" for one model) that concerns it, or "".
/// @throws UsageError where two entries concern a model alike.
std::vector<std::string> class_mapping_sources(const std::vector<std::string>& typed,
                                               const std::vector<std::string>& models);

}  // namespace cuebench
