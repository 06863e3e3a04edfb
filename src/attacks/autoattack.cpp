// The standard AutoAttack: four attacks in turn, each on the images that the ones before left.

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include "labelled_images.hpp"
#include "perturbation_size.hpp"
#include "successive_attacks.hpp"
#include "target_classes.hpp"

namespace cuebench {
namespace {

std::vector<ResolvedAttack> parts(const Parameters& parameters) {
  perturbation_size("autoattack", parameters);
  std::map<std::string, std::string> typed;
  for (const auto& [name, value] : parse_named_parameters("attack", "autoattack:" + parameters.canonical()).values)
    typed[name] = value;
  const std::string ball = fmt::format("norm={},epsilon={}", typed["norm"], typed["epsilon"]);
  return {resolve_attack(fmt::format("apgd:{},steps={}", ball, typed["steps"])),
          resolve_attack(
              fmt::format("apgd:{},steps={},loss=dlr_targeted,n_targets={}", ball, typed["steps"], typed["n_targets"])),
          resolve_attack(fmt::format("fab:{},steps={},n_targets={}", ball, typed["steps"], typed["n_targets"])),
          resolve_attack(fmt::format("square:{},queries={}", ball, typed["queries"]))};
}

/// The same text as of the part by itself, so that both draw the same random numbers.
std::string variant_of_part(std::string_view variant, const ResolvedAttack& part) {
  const std::size_t chain = variant.rfind('+');
  return (chain == std::string_view::npos ? "" : std::string(variant.substr(0, chain + 1))) + part.text;
}

Attack make(const Parameters& parameters) {
  return [all = parts(parameters)](const AttackTarget& target) {
    const c10::InferenceMode normal_mode(false);
    const at::AutoGradMode recording(false);
    return attack_labelled_images(target, [&](const AttackTarget& labelled) {
      SuccessiveAttacks attacks(labelled);
      for (const ResolvedAttack& part : all)
        attacks.run([&](const AttackTarget& left) {
          const std::string variant = variant_of_part(labelled.variant, part);
          AttackTarget named = left;
          named.variant = variant;
          return part.apply(named);
        });
      return attacks.images();
    });
  };
}

std::string refuses_classes(const Parameters& parameters, std::int64_t classes) {
  if (classes < 4)
    return fmt::format("its targeted loss needs 4 classes and there are {}: use apgd and square by themselves",
                       classes);
  return refuse_target_count(parameters, classes);
}

}  // namespace

extern const AttackInfo autoattack_attack = {
    .name = "autoattack",
    .summary = "The standard AutoAttack: apgd, targeted apgd, fab and square, each on what is left.",
    .formula =
        "apgd:loss=ce, apgd:loss=dlr_targeted, fab, square, in this order, each on the images that are still "
        "classified right, with the same random numbers as by itself; of an image that none fools the point where "
        "the label leads least",
    .source = "Croce and Hein, ICML 2020, 'Reliable evaluation of adversarial robustness' (fra31/auto-attack)",
    .parameters = {norm_parameter(), epsilon_parameter(),
                   count_parameter("steps", "100", 100000, "Steps of apgd and fab; the published sequence has 100."),
                   target_count_parameter(),
                   count_parameter("queries", "5000", 10000000, "Queries of square; the published sequence has 5000.")},
    .presets = {{.name = "robustbench-linf",
                 .source = "RobustBench, CIFAR, L-infinity",
                 .values = {{"norm", "linf"}, {"epsilon", "8/255"}}},
                {.name = "robustbench-l2",
                 .source = "RobustBench, CIFAR-10, L2",
                 .values = {{"norm", "l2"}, {"epsilon", "0.5"}}},
                {.name = "robustbench-imagenet",
                 .source = "RobustBench, ImageNet, L-infinity",
                 .values = {{"norm", "linf"}, {"epsilon", "4/255"}}}},
    .make = make,
    .refuses_classes = refuses_classes,
};

}  // namespace cuebench
