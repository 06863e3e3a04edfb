#include "list_attacks_command.hpp"

#include <memory>

#include <fmt/format.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/errors.hpp>

#include "list_entries.hpp"

namespace cuebench::cli {
namespace {

/// "trades = pgd:epsilon=0.031,... (paper)"
std::string preset_text(const AttackInfo& info, const AttackPreset& preset) {
  std::string values;
  for (const auto& [key, value] : preset.values)
    values += fmt::format("{}{}={}", values.empty() ? "" : ",", key, value);
  return fmt::format("{} = {}:{} ({})", preset.name, info.name, values, preset.source);
}

nlohmann::ordered_json attacks() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const AttackInfo* info : registered_attacks()) {
    std::vector<ParameterSpec> parameters = info->parameters;
    parameters.push_back(against_parameter());
    if (info->attacks_probes) parameters.push_back(joint_parameter());
    nlohmann::ordered_json presets = nlohmann::ordered_json::array();
    for (const AttackPreset& preset : info->presets) presets.push_back(preset_text(*info, preset));
    if (!presets.empty()) parameters.push_back(preset_parameter(*info));
    list.push_back({{"name", info->name},
                    {"summary", info->summary},
                    {"formula", info->formula},
                    {"source", info->source},
                    {"version", info->version},
                    {"presets", std::move(presets)},
                    {"parameters", describe_parameters(parameters)}});
  }
  return list;
}

}  // namespace

std::function<void()> declare_list_attacks(CLI::App& app, const CommonOptions&) {
  auto topic = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  app.add_option("topic", *topic, "attacks")->required();
  app.add_flag("--json", *json, "As JSON");
  return [topic, json] {
    if (*topic != "attacks")
      throw UsageError(unknown_name_message("list topic", *topic, {"attacks"}, "this program lists attacks only"));
    print_list(attacks(), *json);
  };
}

}  // namespace cuebench::cli
