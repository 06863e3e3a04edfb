#include <algorithm>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/errors.hpp>

namespace cuebench {

const AttackInfo* find_attack(std::string_view name) {
  const auto all = registered_attacks();
  const auto found = std::find_if(all.begin(), all.end(), [&](const AttackInfo* info) { return info->name == name; });
  return found == all.end() ? nullptr : *found;
}

ResolvedAttack resolve_attack(std::string_view text) {
  const NamedParameters typed = parse_named_parameters("attack", text);
  ResolvedAttack attack;
  attack.info = find_attack(typed.name);
  if (!attack.info) {
    std::vector<std::string> names;
    for (const AttackInfo* info : registered_attacks()) names.emplace_back(info->name);
    throw UsageError(unknown_name_message("attack", typed.name, names, "`cuebench list attacks` lists all"));
  }
  attack.parameters = resolve_parameters("attack " + typed.name, attack.info->parameters, typed.values);
  attack.text = typed.name;
  if (const std::string parameters = attack.parameters.canonical(); !parameters.empty())
    attack.text += ":" + parameters;
  attack.apply = attack.info->make(attack.parameters);
  return attack;
}

}  // namespace cuebench
