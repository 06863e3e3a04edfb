#include <algorithm>

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

}  // namespace

ParameterSpec against_parameter() {
  return {.name = "against",
          .kind = ParameterKind::text,
          .doc = "Name of a model of the run: the images are made for that one, and every model is scored on them."};
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
  attack.parameters = resolve_parameters("attack " + typed.name, attack.info->parameters, typed.values);
  attack.text = typed.name;
  std::string parameters = attack.parameters.canonical();
  if (!attack.against.empty()) parameters = "against=" + attack.against + (parameters.empty() ? "" : "," + parameters);
  if (!parameters.empty()) attack.text += ":" + parameters;
  attack.apply = within_bounds(typed.name, attack.parameters, attack.info->make(attack.parameters));
  return attack;
}

}  // namespace cuebench
