#pragma once
// Which model output means which class of the run.

#include <string>
#include <string_view>
#include <vector>

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
  std::vector<std::vector<int>> members;
  bool identity() const { return members.empty(); }
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

/// How one model's outputs map to the run's classes: one to one, by name, or ImageNet-1k's outputs averaged into the
/// 16 entry-level categories of the cue-conflict stimuli. @throws UsageError when there is no way.
OutputMapping map_outputs(const ClassSpace& space, std::string_view model, int outputs,
                          const std::vector<std::string>& model_classes);

}  // namespace cuebench
