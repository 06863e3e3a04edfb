#include <optional>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/models/model.hpp>
#include <cuebench/training/training.hpp>

#include "adversary.hpp"
#include "output_folder.hpp"
#include "preparation.hpp"
#include "trainer.hpp"

namespace cuebench {

TrainingOutcome train(const TrainingRequest& request, const ReportingOptions& reporting) {
  prepare_libtorch();
  // Weights that decay towards zero end in numbers that a CPU multiplies a hundred times slower. Threads that LibTorch
  // starts from here on inherit it.
  at::globalContext().setFlushDenormal(true);
  const OutputFolder folder(request.out);
  std::optional<FolderLock> lock;
  const TrainingPlan plan = prepare_training(
      request, reporting, [&](const std::string& recipe) { lock.emplace(folder.claim(recipe, request.overwrite)); });
  for (const std::string& note : plan.notes) spdlog::warn("{}", note);
  at::set_num_threads(plan.threads);

  Trainer trainer(plan,
                  {request.epochs, request.seed, request.label_smoothing, request.average_decay,
                   request.checkpoint_seconds, request.autocast, request.keep_best, request.probe_weight},
                  folder, reporting);
  trainer.resume();
  spdlog::info("{} on {} images of {}x{}, {} classes, {} for validation", plan.sidecar.arch, plan.training.size(),
               plan.training.height, plan.training.width, plan.sidecar.classes.size(), plan.validation.size());
  trainer.run();
  at::set_num_threads(1);

  TrainingOutcome outcome;
  outcome.log = trainer.log();
  outcome.model = folder.model();
  outcome.stopped = trainer.stop_reason();
  if (plan.robust_check)
    outcome.robust_description =
        fmt::format("PGD-{}, {}", plan.robust_check->steps, describe_threat(plan.robust_check->threat));
  outcome.images = static_cast<std::int64_t>(plan.training.size());
  outcome.images_this_session = trainer.images_this_session();
  outcome.seconds_this_session = trainer.seconds_this_session();
  return outcome;
}

}  // namespace cuebench
