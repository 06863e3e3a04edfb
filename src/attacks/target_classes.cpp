#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "target_classes.hpp"

#include <fmt/format.h>

#include "attack_loss.hpp"
#include "labelled_images.hpp"
#include "successive_attacks.hpp"

namespace cuebench {

ParameterSpec target_count_parameter() {
  return {.name = "n_targets",
          .kind = ParameterKind::integer,
          .default_value = "9",
          .minimum = 1,
          .maximum = 100000,
          .doc = "How many wrong classes are aimed at, the most probable ones of the image first."};
}

std::string refuse_target_count(const Parameters& parameters, std::int64_t classes) {
  const std::int64_t wanted = parameters.integer("n_targets");
  if (wanted < classes) return "";
  return fmt::format("n_targets={} is more than the {} wrong classes there are: give n_targets={} or fewer", wanted,
                     classes - 1, classes - 1);
}

at::Tensor attack_targets(const AttackTarget& target, int n_targets, int restarts, const TargetedAttack& attack) {
  SuccessiveAttacks attacks(target);
  const at::Tensor labels = index_tensor(target.labels, target.images.device());
  const at::Tensor targets = strongest_targets(attacks.clean_logits(), labels, n_targets);
  for (int attempt = 0; attempt < n_targets * restarts && !attacks.done(); ++attempt) {
    const at::Tensor aims =
        targets.select(1, attempt / restarts).index_select(0, index_tensor(attacks.left(), target.images.device()));
    attacks.run([&](const AttackTarget& part) { return attack(part, aims, attempt); });
  }
  return attacks.images();
}

}  // namespace cuebench
