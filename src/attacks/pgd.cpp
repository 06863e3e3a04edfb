// Projected gradient descent on the negative loss, L-infinity and L2.

#include <cuebench/core/errors.hpp>

#include "gradient_ascent.hpp"
#include "perturbation_size.hpp"

namespace cuebench {
namespace {

/// Steps of 2.5 epsilon in all: enough to cross the ball and correct (MadryLab/robustness).
constexpr double kTotalPath = 2.5;

Keep keep_of(const std::string& word) {
  if (word == "best_loss") return Keep::best_loss;
  return word == "first_success" ? Keep::first_success : Keep::last;
}

Attack make(const Parameters& parameters) {
  AscentOptions options;
  const PerturbationSize size = perturbation_size("pgd", parameters);
  options.norm = size.norm;
  options.epsilon = size.epsilon;
  options.steps = static_cast<int>(parameters.integer("steps"));
  options.step_size = step_size("pgd", parameters, options.norm, kTotalPath * options.epsilon / options.steps);
  options.random_start = parameters.text("random_start") == "yes";
  options.restarts = static_cast<int>(parameters.integer("restarts"));
  if (options.restarts > 1 && !options.random_start)
    throw UsageError("attack pgd: restarts are all the same without random_start=yes: set it, or leave restarts at 1");
  options.keep = keep_of(parameters.text("keep"));
  options.loss = parameters.text("loss") == "margin" ? AttackLoss::margin : AttackLoss::cross_entropy;
  return [options](const AttackTarget& target) { return gradient_ascent(options, target); };
}

}  // namespace

extern const AttackInfo pgd_attack = {
    .name = "pgd",
    .summary = "Several small steps along the loss's gradient, each projected back into the ball of epsilon.",
    .formula =
        "linf: x <- P(x + alpha sign(g)); l2: x <- P(x + alpha g / (|g| + 1e-10)); P: within epsilon of the image, "
        "then within [0, 1]; g: gradient of the image's own loss, ce = -log softmax(z)_y or margin = "
        "max_{j != y} z_j - z_y; start: uniform in the ball (linf), on the sphere (l2), or the image",
    .source = "Madry et al., ICLR 2018; MadryLab/robustness; margin: Carlini and Wagner, S&P 2017",
    .parameters =
        {norm_parameter(),
         epsilon_parameter(),
         {.name = "alpha",
          .kind = ParameterKind::real,
          .default_value = "auto",
          .minimum = 0,
          .choices = {"auto"},
          .unit = "of a pixel's range",
          .doc = "Size of a step; auto is 2.5 epsilon / steps."},
         count_parameter("steps", "20", 100000, "Steps a restart, a forward and a backward pass each."),
         {.name = "random_start",
          .kind = ParameterKind::choice,
          .default_value = "yes",
          .choices = {"no", "yes"},
          .doc = "Whether a climb starts at a random point of the ball."},
         count_parameter("restarts", "1", 1000, "Independent climbs; the result of largest loss is kept."),
         {.name = "keep",
          .kind = ParameterKind::choice,
          .default_value = "last",
          .choices = {"last", "best_loss", "first_success"},
          .doc = "last: after the last step; best_loss: largest loss on the way, start included; first_success: stops "
                 "at the first point that is not classified right."},
         {.name = "loss",
          .kind = ParameterKind::choice,
          .default_value = "ce",
          .choices = {"ce", "margin"},
          .doc = "What is raised: cross-entropy, or the margin of the best wrong class."}},
    .presets = {{.name = "madry",
                 .source = "MadryLab/robustness, evaluation",
                 .values = {{"epsilon", "8/255"}, {"steps", "20"}, {"random_start", "no"}, {"keep", "best_loss"}}},
                {.name = "fast",
                 .source = "Wong, Rice and Kolter, ICLR 2020, evaluation",
                 .values = {{"epsilon", "8/255"},
                            {"alpha", "2/255"},
                            {"steps", "50"},
                            {"restarts", "10"},
                            {"keep", "first_success"}}},
                {.name = "trades",
                 .source = "Zhang et al., ICML 2019, evaluation",
                 .values = {{"epsilon", "0.031"}, {"alpha", "0.003"}, {"steps", "20"}}},
                {.name = "at-cnn",
                 .source = "Zhang and Zhu, ICML 2019, L-infinity",
                 .values = {{"epsilon", "8/255"}, {"alpha", "4/255"}, {"steps", "20"}, {"random_start", "no"}}},
                {.name = "representations",
                 .source = "Cianfarani et al. 2022, evaluation, L-infinity",
                 .values = {{"epsilon", "0.031"}, {"alpha", "0.0078"}, {"steps", "20"}}},
                {.name = "representations-l2",
                 .source = "Cianfarani et al. 2022, evaluation, L2",
                 .values = {{"norm", "l2"}, {"epsilon", "1"}, {"alpha", "0.1"}, {"steps", "20"}}},
                {.name = "cifs",
                 .source = "Yan et al., ICML 2021, PGD-20",
                 .values = {{"epsilon", "8/255"}, {"alpha", "0.8/255"}, {"steps", "20"}, {"random_start", "no"}}},
                {.name = "cifs-cw",
                 .source = "Yan et al., ICML 2021, C&W",
                 .values = {{"epsilon", "8/255"},
                            {"alpha", "0.8/255"},
                            {"steps", "30"},
                            {"random_start", "no"},
                            {"loss", "margin"}}}},
    .make = make,
    .attacks_probes = true,
};

}  // namespace cuebench
