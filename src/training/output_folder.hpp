#pragma once
// The files of a training folder.

#include <filesystem>
#include <string>
#include <vector>

#include <cuebench/core/folder_lock.hpp>
#include <cuebench/networks/architecture.hpp>
#include <cuebench/training/training.hpp>

namespace cuebench {

class OutputFolder {
 public:
  explicit OutputFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the folder where needed and adopts it for `recipe`, as long as the lock is held. @throws UsageError where it
  /// cannot be written, another process trains in it, or it holds a run of another recipe and `overwrite` is off.
  [[nodiscard]] FolderLock claim(const std::string& recipe, bool overwrite) const;

  bool has_state() const;
  std::filesystem::path state() const { return folder_ / "checkpoint-last.safetensors"; }
  std::filesystem::path model() const { return folder_ / "model.safetensors"; }
  std::filesystem::path best_model() const { return folder_ / "model-best.safetensors"; }
  std::filesystem::path log() const { return folder_ / "training_log.csv"; }

  /// Weights at `path`, and path.json: the sidecar with `recipe`, the number of finished epochs and why training ended
  /// early ("" if it did not) under `training`. Each file atomically. @throws RunError.
  static void write_model(const std::filesystem::path& path, const std::vector<NamedTensor>& weights, Sidecar sidecar,
                          const std::string& recipe, const TrainingLogRow& row, const std::string& stopped);
  /// The sidecar alone.
  static void write_sidecar(const std::filesystem::path& model, Sidecar sidecar, const std::string& recipe,
                            const TrainingLogRow& row, const std::string& stopped);

 private:
  std::filesystem::path recipe() const { return folder_ / "recipe.json"; }
  std::filesystem::path folder_;
};

}  // namespace cuebench
