#include "list_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/networks/architecture.hpp>
#include <cuebench/transforms/transform.hpp>

#include "list_entries.hpp"

namespace cuebench::cli {
namespace {

using nlohmann::ordered_json;

ordered_json variants() {
  ordered_json list = ordered_json::array();
  for (const auto* info : registered_transforms())
    list.push_back({{"name", info->name},
                    {"summary", info->summary},
                    {"keeps", to_string(info->keeps)},
                    {"formula", info->formula},
                    {"source", info->source},
                    {"version", info->version},
                    {"parameters", describe_parameters(info->parameters)}});
  return list;
}

ordered_json suite_list() {
  ordered_json list = ordered_json::array();
  for (const auto& suite : suites())
    list.push_back(
        {{"name", suite.name}, {"summary", suite.summary}, {"source", suite.source}, {"variants", suite.variants}});
  return list;
}

ordered_json readers() {
  ordered_json list = ordered_json::array();
  for (const auto* info : registered_readers()) {
    ordered_json entry = {{"name", info->name}, {"summary", info->summary}};
    if (!info->parameters.empty()) entry["parameters"] = describe_parameters(info->parameters);
    list.push_back(entry);
  }
  return list;
}

ordered_json preset_list() {
  ordered_json list = ordered_json::array();
  for (const auto& info : presets())
    list.push_back({{"name", info.name}, {"summary", info.doc}, {"definition", info.text}});
  return list;
}

ordered_json architectures() {
  ordered_json list = ordered_json::array();
  for (const auto* info : registered_architectures())
    list.push_back({{"name", info->name},
                    {"summary", info->summary},
                    {"source", info->source},
                    {"parameters", describe_parameters(info->parameters)}});
  return list;
}

struct Topic {
  std::string_view name, summary;
  ordered_json (*make)();  ///< null: the program that links LibTorch knows
};

constexpr Topic kTopics[] = {
    {"variants", "image variants: what they keep, their parameters, definition and source", variants},
    {"suites", "named lists of variants", suite_list},
    {"datasets", "layouts that --data reads", readers},
    {"presets", "geometries: how an image becomes a model's input", preset_list},
    {"architectures", "networks that are built here and filled with a state_dict", architectures},
    {"attacks", "adversarial variants: their parameters, definition and source", nullptr},
};

void run_list(const std::string& wanted, bool json, const CommonOptions& common) {
  if (wanted.empty()) {
    fmt::print("cuebench list TOPIC [--json], with TOPIC one of\n");
    for (const auto& topic : kTopics) print_name_and_summary(topic.name, topic.summary);
    return;
  }
  std::vector<std::string> known;
  for (const auto& topic : kTopics) {
    known.emplace_back(topic.name);
    if (topic.name != wanted) continue;
    if (!topic.make) hand_over_to_torch_program(common.argc, common.argv);
    return print_list(topic.make(), json);
  }
  throw UsageError(
      unknown_name_message("list topic", wanted, known, fmt::format("there are {}", fmt::join(known, ", "))));
}

}  // namespace

std::function<void()> declare_list(CLI::App& app, const CommonOptions& common) {
  auto topic = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  app.add_option("topic", *topic, "variants, attacks, suites, datasets, presets or architectures");
  app.add_flag("--json", *json, "As JSON");
  return [topic, json, &common] { run_list(*topic, *json, common); };
}

}  // namespace cuebench::cli
