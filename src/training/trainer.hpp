#pragma once
// The training loop.

#include <chrono>
#include <optional>

#include <cuebench/core/progress.hpp>

#include "batches.hpp"
#include "output_folder.hpp"
#include "preparation.hpp"
#include "training_state.hpp"
#include "weight_average.hpp"

namespace cuebench {

struct TrainerOptions {
  std::int64_t epochs = 0;
  std::uint64_t seed = 0;
  double label_smoothing = 0, average_decay = 0, checkpoint_seconds = 300;
  bool autocast = false, keep_best = false;
  double probe_weight = 2;
};

class Trainer {
 public:
  /// `plan` and `folder` must outlive the trainer.
  Trainer(const TrainingPlan& plan, const TrainerOptions& options, const OutputFolder& folder,
          const ReportingOptions& reporting);

  /// Takes up the folder's saved state, if it has one. @throws UsageError for a damaged one.
  void resume();
  /// Trains to the end. @throws RunError, Interrupted.
  void run();

  const std::vector<TrainingLogRow>& log() const { return log_; }
  const TrainingPosition& position() const { return position_; }
  /// Why training ended early; "" if it did not.
  std::string stop_reason() const;
  std::int64_t images_this_session() const { return images_this_session_; }
  double seconds_this_session() const { return seconds_this_session_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run_epoch(Progress& progress);
  void train_on(const Batch& batch);
  void step(TrainingStep& step);
  /// @throws RunError where a number is no longer finite.
  void require_finite(bool finite, const char* what) const;
  void finish_epoch();
  TrainingLogRow measure_epoch();
  /// @returns whether robust accuracy collapsed since the last epoch.
  bool overfits_catastrophically(TrainingLogRow& row);
  void write_models(const TrainingLogRow& row);
  void save_state();
  FrozenNetwork evaluated_network() const;
  std::span<const at::Tensor> evaluated_values() const;
  TrainingStateParts parts();
  void count_time();

  const TrainingPlan& plan_;
  TrainerOptions options_;
  const OutputFolder& folder_;
  ReportingOptions reporting_;
  BatchPlan batches_;
  TrainableNetwork network_;
  Sgd sgd_;
  mutable std::optional<WeightAverage> average_;
  at::Tensor carried_;
  TrainingPosition position_;
  std::vector<TrainingLogRow> log_;
  Clock::time_point mark_, saved_;  ///< up to when time is counted; when a state was last saved
  std::int64_t images_this_session_ = 0;
  double seconds_this_session_ = 0;
};

}  // namespace cuebench
