#include "planned_variant.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

void check_names(std::string_view text, const std::vector<NamedParameters>& links) {
  std::vector<std::string> names = {"clean"};
  for (const TransformInfo* info : registered_transforms()) names.emplace_back(info->name);
  for (const AttackInfo* info : registered_attacks()) names.emplace_back(info->name);
  for (std::size_t i = 0; i < links.size(); ++i) {
    const std::string& name = links[i].name;
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw UsageError(unknown_name_message("variant", name, names,
                                            "`cuebench list variants` and `cuebench list attacks` list all"));
    if (i + 1 < links.size() && find_attack(name))
      throw UsageError(
          fmt::format("variant '{}': the attack {} changes what the model sees, so nothing can follow it: "
                      "put it last",
                      text, name));
  }
}

}  // namespace

PlannedVariant plan_variant(std::string_view text, const TransformResources& resources) {
  const std::vector<NamedParameters> links = parse_chain("variant", text);
  check_names(text, links);
  PlannedVariant variant;
  if (!find_attack(links.back().name)) {
    variant.transform = make_variant(text, resources);
    variant.text = variant.transform.text;
    variant.keeps = to_string(variant.transform.keeps);
    return variant;
  }
  const auto plus = text.rfind('+');
  const bool chain = plus != std::string_view::npos;
  variant.transform = make_variant(chain ? text.substr(0, plus) : "clean", resources);
  variant.attack = resolve_attack(chain ? text.substr(plus + 1) : text);
  variant.text = variant.attack->text;
  if (!variant.transform.steps.empty()) variant.text = variant.transform.text + "+" + variant.text;
  variant.keeps = "adversarial";
  return variant;
}

}  // namespace cuebench
