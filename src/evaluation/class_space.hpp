#pragma once
// Which model output means which class of the run.

#include <string>
#include <string_view>
#include <vector>

#include <cuebench/metrics/aggregation.hpp>

#include "class_mapping.hpp"

namespace cuebench {

/// The class list that a run's records speak of, and where each class of the data set stands in it.
struct ClassSpace {
  std::vector<std::string> names;
  std::vector<int> of_dataset_class;  ///< index into names
  std::string note;                   ///< a sentence for the user where the two differ; else empty
};

/// A model's outputs in terms of the run's classes.
struct OutputMapping {
  /// For each class of the run the model outputs that belong to it; empty: outputs are the classes, in order.
  /// A class that the model lacks has none.
  std::vector<std::vector<int>> members;
  Aggregation aggregation = Aggregation::mean;  ///< of the outputs of one class
  std::vector<int> order = {};                  ///< the classes by name: the first of equal ones is decided for
  bool identity() const { return members.empty(); }
  /// Whether aggregations can disagree: some class has several outputs.
  bool aggregates() const;
  bool lacks(int label) const;
};

/// The 1000 WordNet ids of ImageNet-1k in logit order.
const std::vector<std::string>& imagenet_wordnet_ids();

/// Chooses the run's classes for a data set with `dataset_classes`, given what each model says about its outputs.
/// A data set that holds a part of a model's classes (matched by name) adopts the model's list.
/// `model_classes[m]` may be empty (unknown names); `model_outputs[m]` is the number of logits.
/// @throws UsageError naming the model and both numbers when they cannot be reconciled.
ClassSpace choose_class_space(const std::vector<std::string>& dataset_classes,
                              const std::vector<std::string>& model_names, const std::vector<int>& model_outputs,
                              const std::vector<std::vector<std::string>>& model_classes);

/// The 16 entry-level categories, for data whose classes are among them.
ClassSpace entry_level_space(const std::vector<std::string>& dataset_classes);

/// Whether a model's outputs can mean the data's classes only through a mapping to the 16 entry-level categories:
/// ImageNet-1k's or CIFAR-10's classes on data whose classes are among the 16 and not among the model's.
bool goes_to_entry_level(const std::vector<std::string>& dataset_classes, int outputs,
                         const std::vector<std::string>& model_classes);

/// `categories` in terms of the run's classes.
OutputMapping map_categories(const ClassSpace& space, const CategoryOutputs& categories);

/// How one model's outputs map to the run's classes: one to one, by name, or ImageNet-1k's or CIFAR-10's outputs to the
/// 16 entry-level categories of the cue-conflict stimuli. @throws UsageError when there is no way.
OutputMapping map_outputs(const ClassSpace& space, std::string_view model, int outputs,
                          const std::vector<std::string>& model_classes);

}  // namespace cuebench
