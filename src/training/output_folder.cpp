#include "output_folder.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/version.hpp>

#include "recipe.hpp"

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFiles[] = {"recipe.json",
                                  "checkpoint-last.safetensors",
                                  "model.safetensors",
                                  "model.safetensors.json",
                                  "model-best.safetensors",
                                  "model-best.safetensors.json",
                                  "training_log.csv",
                                  "training_curve.svg"};

}  // namespace

bool OutputFolder::has_state() const {
  std::error_code ignored;
  return std::filesystem::exists(state(), ignored);
}

FolderLock OutputFolder::claim(const std::string& recipe_text, bool overwrite) const {
  if (folder_.empty()) throw UsageError("no folder is given for the trained model: add --out DIR");
  require_writable_folder(folder_);
  FolderLock lock(folder_, "train.lock");
  if (overwrite)
    for (const char* const name : kFiles) std::filesystem::remove(folder_ / name);
  if (std::filesystem::exists(recipe())) {
    std::string difference;
    try {
      difference = recipe_difference(read_text_file(recipe()), recipe_text);
    } catch (const Json::exception&) {
      difference = "its recipe.json is damaged";
    }
    if (!difference.empty())
      throw UsageError(
          fmt::format("'{}' holds another training run ({}): name another folder with --out, or start it "
                      "afresh with --overwrite",
                      folder_.string(), difference));
    return lock;
  }
  if (has_state() || std::filesystem::exists(model()))
    throw UsageError(
        fmt::format("'{}' holds a model without the recipe.json of a training run: name another folder "
                    "with --out, or replace it with --overwrite",
                    folder_.string()));
  write_file_atomically(recipe(), Json::parse(recipe_text).dump(2) + "\n");
  return lock;
}

void OutputFolder::write_sidecar(const std::filesystem::path& model, Sidecar sidecar, const std::string& recipe_text,
                                 const TrainingLogRow& row, const std::string& stopped) {
  Json training = Json::parse(recipe_text);
  training["finished_epochs"] = row.epoch;
  training["finished_steps"] = row.step;
  if (row.validation_accuracy) training["validation_accuracy"] = *row.validation_accuracy;
  if (row.validation_robust_accuracy) training["validation_robust_accuracy"] = *row.validation_robust_accuracy;
  if (!stopped.empty()) training["stopped"] = stopped;
  training["cuebench"] = version();
  sidecar.training = training.dump();
  write_file_atomically(model.string() + ".json", sidecar_json(sidecar));
}

void OutputFolder::write_model(const std::filesystem::path& path, const std::vector<NamedTensor>& weights,
                               Sidecar sidecar, const std::string& recipe_text, const TrainingLogRow& row,
                               const std::string& stopped) {
  write_sidecar(path, std::move(sidecar), recipe_text, row, stopped);
  write_safetensors(path, weights, {{"format", "pt"}});
}

}  // namespace cuebench
