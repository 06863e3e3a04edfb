#pragma once
// The answers of a run as model-vs-human's files: one file a model and data set, where every variant but clean is a
// data set of its own.

#include <filesystem>
#include <string>

#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// The images are those of the run's accuracies. `set` names the data set of the clean images; empty: cue-conflict
/// where cues are labelled, else images. @throws UsageError for a run whose classes, models or images the files cannot
/// hold.
void export_trials(const RunStore& store, const std::filesystem::path& folder, const std::string& set);

}  // namespace cuebench
