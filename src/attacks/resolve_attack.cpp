#include <algorithm>

#include <fmt/format.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/errors.hpp>

#include "attack_bounds.hpp"

namespace cuebench {

const AttackInfo* find_attack(std::string_view name) {
  const auto all = registered_attacks();
  const auto found = std::find_if(all.begin(), all.end(), [&](const AttackInfo* info) { return info->name == name; });
  return found == all.end() ? nullptr : *found;
}

namespace {

/// Takes `against` out of what was typed. @throws UsageError where it comes twice or names nothing.
std::string take_against(NamedParameters& typed) {
  std::string model;
  for (const auto& [name, value] : typed.values) {
    if (name != "against") continue;
    if (value.empty()) throw UsageError("attack " + typed.name + ": against= names no model: write against=NAME");
    if (!model.empty()) throw UsageError("attack " + typed.name + ": against is given twice: leave one of them out");
    model = value;
  }
  std::erase_if(typed.values, [](const auto& parameter) { return parameter.first == "against"; });
  return model;
}

/// Takes `joint` out of what was typed: 0 where it is not there.
double take_joint(const AttackInfo& info, NamedParameters& typed) {
  std::vector<std::pair<std::string, std::string>> taken;
  for (const auto& parameter : typed.values)
    if (parameter.first == "joint") taken.push_back(parameter);
  if (taken.empty()) return 0;
  if (!info.attacks_probes)
    throw UsageError(
        fmt::format("attack {}: it does not climb the losses of probes: use pgd or fgsm with joint", info.name));
  std::erase_if(typed.values, [](const auto& parameter) { return parameter.first == "joint"; });
  return resolve_parameters(fmt::format("attack {}", info.name), {joint_parameter()}, taken).real("joint");
}

const AttackPreset& find_preset(const AttackInfo& info, const std::string& name) {
  std::vector<std::string> names;
  for (const AttackPreset& preset : info.presets) {
    if (preset.name == name) return preset;
    names.emplace_back(preset.name);
  }
  if (names.empty())
    throw UsageError(fmt::format("attack {}: it has no presets: give its parameters one by one", info.name));
  throw UsageError(unknown_name_message(fmt::format("preset of attack {}", info.name), name, names,
                                        "`cuebench list attacks` lists all"));
}

/// Puts a preset's values in the place of its name; those that were typed stay.
void expand_preset(const AttackInfo& info, NamedParameters& typed) {
  const auto is_preset = [](const auto& parameter) { return parameter.first == "preset"; };
  const auto named = std::find_if(typed.values.begin(), typed.values.end(), is_preset);
  if (named == typed.values.end()) return;
  if (std::count_if(typed.values.begin(), typed.values.end(), is_preset) > 1)
    throw UsageError(fmt::format("attack {}: preset is given twice: leave one of them out", info.name));
  const AttackPreset& preset = find_preset(info, named->second);
  typed.values.erase(named);
  for (const auto& [key, value] : preset.values) {
    const auto has_key = [&](const auto& parameter) { return parameter.first == key; };
    if (std::none_of(typed.values.begin(), typed.values.end(), has_key)) typed.values.emplace_back(key, value);
  }
}

}  // namespace

ParameterSpec against_parameter() {
  return {.name = "against",
          .kind = ParameterKind::text,
          .doc = "Name of a model of the run: the images are made for that one, and every model is scored on them."};
}

ParameterSpec joint_parameter() {
  return {.name = "joint",
          .kind = ParameterKind::real,
          .default_value = "0",
          .minimum = 0,
          .maximum = 1e6,
          .doc =
              "Weight of the loss of a network's CIFS probes, beside that of its logits; a network without probes is "
              "attacked as with 0."};
}

ParameterSpec preset_parameter(const AttackInfo& info) {
  ParameterSpec spec{.name = "preset",
                     .kind = ParameterKind::choice,
                     .doc =
                         "The values of a paper's evaluation, written out in the variant's name; others may be "
                         "typed beside it."};
  for (const AttackPreset& preset : info.presets) spec.choices.push_back(preset.name);
  return spec;
}

ResolvedAttack resolve_attack(std::string_view text) {
  NamedParameters typed = parse_named_parameters("attack", text);
  ResolvedAttack attack;
  attack.info = find_attack(typed.name);
  if (!attack.info) {
    std::vector<std::string> names;
    for (const AttackInfo* info : registered_attacks()) names.emplace_back(info->name);
    throw UsageError(unknown_name_message("attack", typed.name, names, "`cuebench list attacks` lists all"));
  }
  attack.against = take_against(typed);
  attack.joint = take_joint(*attack.info, typed);
  expand_preset(*attack.info, typed);
  attack.parameters = resolve_parameters("attack " + typed.name, attack.info->parameters, typed.values);
  attack.text = typed.name;
  std::string parameters = attack.parameters.canonical();
  const auto put_first = [&](const std::string& parameter) {
    parameters = parameter + (parameters.empty() ? "" : "," + parameters);
  };
  if (attack.joint > 0) put_first("joint=" + format_real(attack.joint));
  if (!attack.against.empty()) put_first("against=" + attack.against);
  if (!parameters.empty()) attack.text += ":" + parameters;
  attack.apply = within_bounds(typed.name, attack.parameters, attack.info->make(attack.parameters));
  return attack;
}

}  // namespace cuebench
