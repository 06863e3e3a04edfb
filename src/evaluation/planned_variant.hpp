#pragma once
// What a variant's text asks for: a chain of transforms on the image, then perhaps an attack on each model.

#include <optional>
#include <string>
#include <string_view>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {

struct PlannedVariant {
  std::string text;   ///< canonical, of the whole chain
  std::string keeps;  ///< for StoredVariant: the transforms' cue, or "adversarial"
  Variant transform;  ///< the chain before the attack: the same pixels as of the variant without the attack
  std::optional<ResolvedAttack> attack;
};

/// The last link may name an attack, every other one a transform.
/// @throws UsageError with the nearest names of both.
PlannedVariant plan_variant(std::string_view text, const TransformResources& resources);

}  // namespace cuebench
