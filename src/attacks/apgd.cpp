// Auto-PGD on cross-entropy or the difference-of-logits ratio, untargeted or towards several classes.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS

#include <ATen/core/grad_mode.h>
#include <ATen/ops/where.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include "apgd_climb.hpp"
#include "labelled_images.hpp"
#include "perturbation_size.hpp"
#include "random_start.hpp"
#include "successive_attacks.hpp"
#include "target_classes.hpp"

namespace cuebench {
namespace {

/// Where the label falls behind first, else where the loss is largest.
at::Tensor climb_once(const ApgdOptions& options, const AttackTarget& target, int attempt, const LossOfLogits& loss) {
  const at::Tensor start = random_boundary_start(target, options.norm, options.epsilon, attempt);
  const at::Tensor labels = index_tensor(target.labels, target.images.device());
  const ApgdClimb climb = apgd_climb(options, target.logits, target.images, labels, start, loss);
  return at::where(climb.fooled.view({-1, 1, 1, 1}), climb.first_fooled, climb.highest);
}

at::Tensor attack_untargeted(const ApgdOptions& options, AttackLoss kind, int restarts, const AttackTarget& target) {
  SuccessiveAttacks attacks(target);
  for (int restart = 0; restart < restarts && !attacks.done(); ++restart)
    attacks.run([&](const AttackTarget& part) {
      const at::Tensor labels = index_tensor(part.labels, part.images.device());
      return climb_once(options, part, restart,
                        [&](const at::Tensor& logits) { return attack_loss(kind, logits, labels); });
    });
  return attacks.images();
}

at::Tensor attack_targeted(const ApgdOptions& options, int n_targets, int restarts, const AttackTarget& target) {
  return attack_targets(
      target, n_targets, restarts, [&](const AttackTarget& part, const at::Tensor& targets, int attempt) {
        const at::Tensor labels = index_tensor(part.labels, part.images.device());
        return climb_once(options, part, attempt,
                          [&](const at::Tensor& logits) { return targeted_dlr(logits, labels, targets); });
      });
}

Attack make(const Parameters& parameters) {
  const PerturbationSize size = perturbation_size("apgd", parameters);
  ApgdOptions options;
  options.norm = size.norm;
  options.epsilon = size.epsilon;
  options.steps = static_cast<int>(parameters.integer("steps"));
  options.rho = parameters.real("rho");
  const int restarts = static_cast<int>(parameters.integer("restarts"));
  const int n_targets = static_cast<int>(parameters.integer("n_targets"));
  const std::string loss = parameters.text("loss");
  return [=](const AttackTarget& target) {
    const c10::InferenceMode normal_mode(false);
    const at::AutoGradMode recording(false);
    return attack_labelled_images(target, [&](const AttackTarget& labelled) {
      if (loss == "dlr_targeted") return attack_targeted(options, n_targets, restarts, labelled);
      return attack_untargeted(options, loss == "dlr" ? AttackLoss::dlr : AttackLoss::cross_entropy, restarts,
                               labelled);
    });
  };
}

std::string refuses_classes(const Parameters& parameters, std::int64_t classes) {
  const std::string& loss = parameters.text("loss");
  const int least = loss == "dlr" ? 3 : loss == "dlr_targeted" ? 4 : 2;
  if (classes < least)
    return fmt::format("loss={} needs {} classes and there are {}: use loss=ce", loss, least, classes);
  return loss == "dlr_targeted" ? refuse_target_count(parameters, classes) : "";
}

}  // namespace

extern const AttackInfo apgd_attack = {
    .name = "apgd",
    .summary = "Auto-PGD: ascent with momentum whose step halves, image by image, where it stops paying.",
    .formula =
        "z = P(x + eta s(g)), x <- P(x + a (z - x) + (1 - a)(x - x_before)), a = 1 at first, then 0.75; s: sign(g) or "
        "g / |g|; eta = 2 epsilon, halved at a checkpoint, and x set to its best point, where at most rho of the "
        "window's steps raised the loss, or where neither eta nor the best loss changed since the last checkpoint; "
        "dlr = (max_{j != y} z_j - z_y) / (z_(1) - z_(3)); dlr_targeted = (z_t - z_y) / (z_(1) - (z_(3) + z_(4)) / 2); "
        "result: the first point that is not classified right, else the one of largest loss",
    .source = "Croce and Hein, ICML 2020, 'Reliable evaluation of adversarial robustness' (fra31/auto-attack)",
    .parameters = {norm_parameter(),
                   epsilon_parameter(),
                   {.name = "loss",
                    .kind = ParameterKind::choice,
                    .default_value = "ce",
                    .choices = {"ce", "dlr", "dlr_targeted"},
                    .doc = "What is raised: cross-entropy, or the difference of logits ratio, which no scale of the "
                           "logits hides, away from the label or towards n_targets classes in turn."},
                   count_parameter("steps", "100", 100000,
                                   "Steps a restart and target, a forward and a backward pass each."),
                   count_parameter("restarts", "1", 1000,
                                   "Independent climbs, each on the images that are still classified right."),
                   target_count_parameter(),
                   {.name = "rho",
                    .kind = ParameterKind::real,
                    .default_value = "0.75",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Share of a window's steps that must raise the loss for the step size to stay."}},
    .make = make,
    .refuses_classes = refuses_classes,
};

}  // namespace cuebench
