#pragma once
// Adversarial attacks: each is one file in src/attacks that ends in its AttackInfo. White-box: they see a model's
// logits and their gradient. Images are float RGB [N, 3, H, W] in [0, 1]; normalisation is inside the model, so epsilon
// is in pixel units.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/core/parameters.hpp>

namespace cuebench {

/// Logits [N, classes] of images; gradients flow to the images.
using DifferentiableClassifier = std::function<at::Tensor(const at::Tensor& images)>;

/// The same, followed by the logits of each probe inside the network (CIFS modules).
using DifferentiableOutputs = std::function<std::vector<at::Tensor>(const at::Tensor& images)>;

/// The images under attack and who is attacked.
struct AttackTarget {
  DifferentiableClassifier logits;
  DifferentiableOutputs outputs = {};      ///< empty for a network without probes
  at::Tensor images;                       ///< [N, 3, H, W] in [0, 1], no gradient, on the device of the logits
  std::vector<std::int64_t> labels;        ///< N; -1 where an image has none: it stays as it is
  std::vector<std::string_view> item_ids;  ///< N; with seed and variant they key the random starts
  std::uint64_t seed = 0;
  std::string_view variant = {};  ///< canonical text
  /// Weight of the losses of a network's probes together, beside that of its logits (the adaptive attack on CIFS).
  double joint = 0;
};

/// Adversarial images of the same shape and on the same device, in [0, 1] and within epsilon of the given ones. The
/// result for an image does not depend on the others of its batch. Random numbers are drawn on the host, so that they
/// are the same on every device.
using Attack = std::function<at::Tensor(const AttackTarget& target)>;

/// Values that a paper or its code evaluates with. What is typed beside it wins.
struct AttackPreset {
  std::string_view name;
  std::string_view source;
  std::vector<std::pair<std::string_view, std::string_view>> values;
};

struct AttackInfo {
  std::string_view name;
  std::string_view summary;  ///< one sentence
  std::string_view formula;  ///< definition, exact
  std::string_view source;   ///< paper or code it comes from
  std::vector<ParameterSpec> parameters;
  std::vector<AttackPreset> presets = {};
  int version = 1;  ///< raised when a result changes for the same parameters
  /// @throws UsageError when parameters contradict each other.
  Attack (*make)(const Parameters& parameters);
  /// Whether it needs the derivative of the logits by the images.
  bool uses_gradient = true;
  /// Why it cannot attack a model of so many classes, as the end of a sentence with the remedy, or "".
  std::string (*refuses_classes)(const Parameters& parameters, std::int64_t classes) = nullptr;
  bool attacks_probes = false;  ///< whether it takes `joint`
};

/// Every attack, in the order of src/attacks/CMakeLists.txt.
std::span<const AttackInfo* const> registered_attacks();
/// The attack of that name, or null.
const AttackInfo* find_attack(std::string_view name);

/// An attack as a user typed it, every parameter resolved.
struct ResolvedAttack {
  const AttackInfo* info = nullptr;
  Parameters parameters;
  std::string text;     ///< canonical: NAME:key=value,...
  std::string against;  ///< the model whose images every model is scored on; empty: each model gets its own
  double joint = 0;     ///< of AttackTarget
  /// @throws RunError where a result leaves ball or box.
  Attack apply;
};

/// `against`, which every attack takes beside its own parameters; it is part of the text only where it was typed.
ParameterSpec against_parameter();

/// `joint`, of an attack that climbs the losses of probes too; in the text only where it is not 0.
ParameterSpec joint_parameter();

/// `preset`, of an attack that has presets: it stands for its values, which are what the text then says.
ParameterSpec preset_parameter(const AttackInfo& info);

/// Parses NAME[:key=value,...]. @throws UsageError with the nearest known names, or what is wrong with a value.
ResolvedAttack resolve_attack(std::string_view text);

/// Why no white-box attack can run on this classifier, as the end of a sentence about it, or "": its logits do not
/// depend on the images as far as autograd can see. `images` is any batch that it takes.
std::string why_not_attackable(const DifferentiableClassifier& logits, const at::Tensor& images);

}  // namespace cuebench
