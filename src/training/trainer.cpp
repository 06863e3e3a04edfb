#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "trainer.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/core/interrupt.hpp>
#include <cuebench/core/random.hpp>

#include "device.hpp"
#include "training_log.hpp"

namespace cuebench {
namespace {

/// Of Wong et al.: a fall of robust accuracy on the epoch's first batch that ends training.
constexpr double kCollapse = 0.2;

std::uint64_t noise_seed(std::uint64_t seed, std::int64_t number, std::string_view purpose) {
  return RandomStream(seed, std::to_string(number), purpose)();
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f} %", 100 * *share) : std::string("not measured");
}

bool all_finite(const TrainableNetwork& network) {
  const at::NoGradGuard no_recording;
  return std::all_of(network.tensors().begin(), network.tensors().end(),
                     [](const TrainableTensor& tensor) { return at::isfinite(tensor.value).all().item<bool>(); });
}

}  // namespace

Trainer::Trainer(const TrainingPlan& plan, const TrainerOptions& options, const OutputFolder& folder,
                 const ReportingOptions& reporting)
    : plan_(plan),
      options_(options),
      folder_(folder),
      reporting_(reporting),
      batches_(plan.training, static_cast<int>(plan.batch), plan.augmentation, options.seed),
      network_(plan.start, plan.sidecar, plan.device),
      sgd_(network_, plan.sgd),
      mark_(Clock::now()),
      saved_(mark_) {
  if (options.average_decay > 0) average_.emplace(network_, options.average_decay);
}

TrainingStateParts Trainer::parts() {
  return {network_, sgd_.momentum_buffers(), average_ ? &average_->values() : nullptr, carried_, position_, log_};
}

void Trainer::resume() {
  if (!folder_.has_state()) return;
  load_training_state(folder_.state(), parts(), plan_.recipe);
  if (position_.stopped || position_.epoch == options_.epochs) return;
  spdlog::info("continues after epoch {}{}", position_.epoch,
               position_.batch > 0 ? fmt::format(" and {} batches", position_.batch) : std::string());
}

void Trainer::save_state() {
  count_time();
  require_finite(all_finite(network_), "the weights");
  save_training_state(folder_.state(), parts(), plan_.recipe);
  saved_ = Clock::now();
}

void Trainer::count_time() {
  const auto now = Clock::now();
  position_.seconds += std::chrono::duration<double>(now - mark_).count();
  mark_ = now;
}

std::string Trainer::stop_reason() const {
  if (!position_.stopped) return "";
  const TrainingLogRow& last = log_.back();
  return fmt::format(
      "catastrophic overfitting in epoch {}: accuracy under PGD-5 on its first batch fell from {} to {}; "
      "the weights of epoch {} are kept",
      last.epoch, percent(position_.overfitting_check), percent(last.overfitting_check), last.epoch - 1);
}

void Trainer::run() {
  const std::int64_t per_epoch = plan_.batches_per_epoch * plan_.batch;
  Progress progress("training", "images", options_.epochs * per_epoch, reporting_);
  progress.resume_at(position_.epoch * per_epoch + position_.batch * plan_.batch);
  mark_ = saved_ = Clock::now();
  while (position_.epoch < options_.epochs && !position_.stopped) run_epoch(progress);
  if (!position_.stopped) progress.finish();
}

void Trainer::run_epoch(Progress& progress) {
  EpochBatches coming(batches_, position_.epoch, position_.batch);
  const auto start = Clock::now();
  while (position_.batch < plan_.batches_per_epoch) {
    train_on(coming.next());
    progress.advance(plan_.batch);
    images_this_session_ += plan_.batch;
    if (interrupt_requested()) {
      save_state();
      throw Interrupted(fmt::format("stopped in epoch {}; the same command continues", position_.epoch + 1));
    }
    if (std::chrono::duration<double>(Clock::now() - saved_).count() >= options_.checkpoint_seconds) save_state();
  }
  seconds_this_session_ += std::chrono::duration<double>(Clock::now() - start).count();
  try {
    finish_epoch();
  } catch (const Interrupted&) {
    save_state();
    throw Interrupted(fmt::format("stopped in epoch {}; the same command continues", position_.epoch + 1));
  }
}

void Trainer::train_on(const Batch& batch) {
  for (int replay = 0; replay < plan_.method.replays; ++replay) {
    TrainingStep next{network_,
                      batch.images.to(plan_.device),
                      batch.labels.to(plan_.device),
                      options_.label_smoothing,
                      noise_seed(options_.seed, position_.step, "noise of a step"),
                      carried_,
                      options_.probe_weight};
    step(next);
  }
  ++position_.batch;
}

void Trainer::step(TrainingStep& training_step) {
  StepLoss result;
  {
    const AutocastScope autocast(options_.autocast);
    result = plan_.method.loss(training_step);
  }
  const double loss = result.loss.item<double>();
  require_finite(std::isfinite(loss), "the loss");
  result.loss.backward();
  if (result.after_backward) result.after_backward();
  sgd_.step(plan_.schedule.at(position_.step));
  ++position_.step;
  if (average_) average_->update(network_, position_.step);
  const std::int64_t images = training_step.labels.size(0);
  position_.images += images;
  position_.correct += count_correct(result.logits, training_step.labels);
  position_.loss_sum += loss * static_cast<double>(images);
}

void Trainer::require_finite(bool finite, const char* what) const {
  if (finite) return;
  const std::string kept =
      log_.empty() ? std::string("no epoch was finished")
                   : fmt::format("'{}' keeps the weights of epoch {}", folder_.model().string(), log_.back().epoch);
  throw RunError(fmt::format(
      "{} became infinite or NaN at step {} (epoch {}, batch {}), learning rate {:.4g}; {}: lower "
      "--lr, or add --warmup 1",
      what, position_.step + 1, position_.epoch + 1, position_.batch + 1, plan_.schedule.at(position_.step), kept));
}

std::span<const at::Tensor> Trainer::evaluated_values() const {
  return average_ ? std::span<const at::Tensor>(average_->values()) : std::span<const at::Tensor>();
}

FrozenNetwork Trainer::evaluated_network() const {
  return network_.freeze(evaluated_values());
}

TrainingLogRow Trainer::measure_epoch() {
  TrainingLogRow row;
  row.epoch = position_.epoch + 1;
  row.step = position_.step;
  row.learning_rate = plan_.schedule.at(position_.step - 1);
  row.train_loss = position_.loss_sum / static_cast<double>(position_.images);
  row.train_accuracy = static_cast<double>(position_.correct) / static_cast<double>(position_.images);
  const FrozenNetwork network = evaluated_network();
  if (plan_.validation.size() > 0) row.validation_accuracy = clean_accuracy(network, plan_.validation, plan_.device);
  if (plan_.robust_check)
    row.validation_robust_accuracy = robust_accuracy(network, plan_.validation, *plan_.robust_check, plan_.device);
  return row;
}

bool Trainer::overfits_catastrophically(TrainingLogRow& row) {
  if (!plan_.method.may_overfit_catastrophically) return false;
  Batch batch = batches_.make(position_.epoch, batches_.order(position_.epoch), 0);
  batch = {batch.images.to(plan_.device), batch.labels.to(plan_.device)};
  // The weights being trained, not their average, which follows late.
  row.overfitting_check = overfitting_check_accuracy(network_.freeze(), batch, *plan_.method.threat,
                                                     noise_seed(options_.seed, position_.epoch, "overfitting check"));
  return *row.overfitting_check < position_.overfitting_check - kCollapse;
}

void Trainer::finish_epoch() {
  require_finite(all_finite(network_), "the weights");
  TrainingLogRow row = measure_epoch();
  position_.stopped = overfits_catastrophically(row);
  count_time();
  row.seconds = position_.seconds;
  log_.push_back(row);
  spdlog::info("epoch {} of {}: loss {:.4f}, training accuracy {}, validation {} clean, {} robust, {:.0f} s", row.epoch,
               options_.epochs, row.train_loss, percent(row.train_accuracy), percent(row.validation_accuracy),
               percent(row.validation_robust_accuracy), row.seconds);
  write_file_atomically(folder_.log(), training_log_csv(log_));
  if (position_.stopped) {
    OutputFolder::write_sidecar(folder_.model(), plan_.sidecar, plan_.recipe, log_[log_.size() - 2], stop_reason());
  } else {
    write_models(row);
    position_.overfitting_check = row.overfitting_check.value_or(0);
  }
  position_ = {.epoch = position_.epoch + 1,
               .step = position_.step,
               .overfitting_check = position_.overfitting_check,
               .stopped = position_.stopped,
               .best_accuracy = position_.best_accuracy};
  save_state();
}

void Trainer::write_models(const TrainingLogRow& row) {
  const std::vector<NamedTensor> weights = network_.state_dict(evaluated_values());
  OutputFolder::write_model(folder_.model(), weights, plan_.sidecar, plan_.recipe, row, "");
  if (!options_.keep_best) return;
  const bool robust = plan_.method.threat && row.validation_robust_accuracy;
  const double accuracy = (robust ? row.validation_robust_accuracy : row.validation_accuracy).value_or(-1);
  if (accuracy <= position_.best_accuracy) return;
  position_.best_accuracy = accuracy;
  OutputFolder::write_model(folder_.best_model(), weights, plan_.sidecar, plan_.recipe, row, "");
}

}  // namespace cuebench
