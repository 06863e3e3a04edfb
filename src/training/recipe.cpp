#include "recipe.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/version.h>

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

Json data_section(const TrainingRequest& request, const RecipeFacts& facts) {
  Json data = {{"source", facts.data_source}, {"digest", facts.data_digest}, {"preset", facts.preset}};
  if (request.limit > 0) data["limit"] = request.limit;
  if (facts.validation_digest.empty()) {
    data["held_out"] = request.holdout;
  } else {
    data["validation_source"] = facts.validation_source;
    data["validation_digest"] = facts.validation_digest;
  }
  return data;
}

Json schedule_section(const TrainingRequest& request, const RecipeFacts& facts) {
  Json schedule = {{"kind", request.schedule}, {"warmup_epochs", request.warmup}};
  if (request.schedule == "step") {
    schedule["milestones"] = facts.milestones;
    schedule["gamma"] = request.gamma;
  }
  return schedule;
}

/// Entries that say where something lay, not what it was.
bool is_place(std::string_view pointer) {
  return pointer == "/data/source" || pointer == "/data/validation_source" || pointer == "/start/from";
}

std::string spoken(const Json& flat, const std::string& pointer) {
  return flat.contains(pointer) ? flat[pointer].dump() : "absent";
}

}  // namespace

std::string recipe_json(const TrainingRequest& request, const RecipeFacts& facts) {
  Json start = {{"seed", request.seed}};
  if (!request.from.empty()) start = {{"from", request.from.filename().string()}, {"sha256", facts.from_digest}};
  Json recipe = {
      {"method", facts.method},
      {"architecture", facts.architecture},
      {"start", start},
      {"data", data_section(request, facts)},
      {"epochs", request.epochs},
      {"batch", request.batch},
      {"optimiser",
       {{"name", "sgd"},
        {"learning_rate", request.learning_rate},
        {"momentum", request.momentum},
        {"nesterov", request.nesterov},
        {"weight_decay", request.weight_decay},
        {"decay_weights_only", request.decay_weights_only}}},
      {"schedule", schedule_section(request, facts)},
      {"label_smoothing", request.label_smoothing},
      {"average_decay", request.average_decay},
      {"augmentation", {{"flip", request.flip}, {"crop_padding", request.crop_padding}}},
      {"robust_check", facts.robust_check},
      {"keep_best", request.keep_best},
      {"seed", request.seed},
      {"threads", facts.threads},
      {"device", facts.device},
      {"autocast", request.autocast},
      {"libtorch", TORCH_VERSION},
  };
  // Without modules the recipe is what it was before there were any.
  if (facts.architecture.find("+cifs:") != std::string::npos) recipe["probe_weight"] = request.probe_weight;
  return recipe.dump();
}

std::string recipe_difference(std::string_view there, std::string_view here) {
  const Json a = Json::parse(there).flatten(), b = Json::parse(here).flatten();
  std::vector<std::string> pointers;
  for (const Json* const side : {&b, &a})
    for (const auto& [pointer, value] : side->items()) pointers.push_back(pointer);
  for (const std::string& pointer : pointers) {
    if (is_place(pointer) || spoken(a, pointer) == spoken(b, pointer)) continue;
    std::string name = pointer.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    return fmt::format("{} is {} there and {} here", name, spoken(a, pointer), spoken(b, pointer));
  }
  return "";
}

}  // namespace cuebench
