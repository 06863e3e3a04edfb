// Fast gradient sign method, plain and from a random start.

#include "gradient_ascent.hpp"
#include "perturbation_size.hpp"

namespace cuebench {
namespace {

/// Wong, Rice and Kolter's step from a random start, in units of epsilon.
constexpr double kRandomStartStep = 1.25;

Attack make(const Parameters& parameters) {
  AscentOptions options;
  options.epsilon = perturbation_size("fgsm", "epsilon", parameters.real("epsilon"), Norm::linf);
  options.random_start = parameters.text("random_start") == "yes";
  options.step_size =
      step_size("fgsm", parameters, Norm::linf, (options.random_start ? kRandomStartStep : 1) * options.epsilon);
  return [options](const AttackTarget& target) { return gradient_ascent(options, target); };
}

}  // namespace

extern const AttackInfo fgsm_attack = {
    .name = "fgsm",
    .summary = "One step of epsilon along the sign of the loss's gradient.",
    .formula =
        "clip(x + epsilon sign(d CE/dx), 0, 1), sign(0) = 0; random_start=yes (FGSM-RS): d = U(-epsilon, epsilon) "
        "within [0, 1], gradient at x + d, then d + alpha sign(g) clipped to +-epsilon and to [0, 1]",
    .source = "Goodfellow, Shlens and Szegedy, ICLR 2015; Wong, Rice and Kolter, ICLR 2020 (locuslab/fast_adversarial)",
    .parameters = {{.name = "epsilon",
                    .kind = ParameterKind::real,
                    .default_value = "8/255",
                    .minimum = 0,
                    .unit = "of a pixel's range",
                    .doc = "Largest change of a value, written 8/255 or 0.031, at most 1; 0 is neutral."},
                   {.name = "random_start",
                    .kind = ParameterKind::choice,
                    .default_value = "no",
                    .choices = {"no", "yes"},
                    .doc = "Whether the gradient is taken at a random point of the ball."},
                   {.name = "alpha",
                    .kind = ParameterKind::real,
                    .default_value = "auto",
                    .minimum = 0,
                    .choices = {"auto"},
                    .unit = "of a pixel's range",
                    .doc = "Step; auto is epsilon, or 1.25 epsilon from a random start."}},
    .presets = {{.name = "goodfellow",
                 .source = "Goodfellow, Shlens and Szegedy, ICLR 2015, on CIFAR-10 at the usual epsilon",
                 .values = {{"epsilon", "8/255"}}},
                {.name = "fast",
                 .source = "Wong, Rice and Kolter, ICLR 2020, the step of training",
                 .values = {{"epsilon", "8/255"}, {"random_start", "yes"}, {"alpha", "10/255"}}}},
    .make = make,
    .attacks_probes = true,
};

}  // namespace cuebench
