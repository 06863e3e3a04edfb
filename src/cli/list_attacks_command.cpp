#include "list_attacks_command.hpp"

#include <memory>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/errors.hpp>

#include "list_entries.hpp"

namespace cuebench::cli {
namespace {

nlohmann::ordered_json attacks() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const AttackInfo* info : registered_attacks()) {
    std::vector<ParameterSpec> parameters = info->parameters;
    parameters.push_back(against_parameter());
    list.push_back({{"name", info->name},
                    {"summary", info->summary},
                    {"formula", info->formula},
                    {"source", info->source},
                    {"version", info->version},
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
