#include "list_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/networks/architecture.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench::cli {
namespace {

using nlohmann::ordered_json;

std::string_view kind_name(ParameterKind kind) {
  switch (kind) {
    case ParameterKind::integer:
      return "integer";
    case ParameterKind::real:
      return "real";
    case ParameterKind::text:
      return "text";
    case ParameterKind::choice:
      return "choice";
  }
  return "";
}

ordered_json describe(const std::vector<ParameterSpec>& specs) {
  ordered_json list = ordered_json::array();
  for (const auto& spec : specs) {
    ordered_json entry = {{"name", spec.name}, {"kind", kind_name(spec.kind)}, {"default", spec.default_value}};
    if (std::isfinite(spec.minimum)) entry["minimum"] = spec.minimum;
    if (std::isfinite(spec.maximum)) entry["maximum"] = spec.maximum;
    if (!spec.choices.empty()) entry["choices"] = spec.choices;
    if (!spec.unit.empty()) entry["unit"] = spec.unit;
    entry["doc"] = spec.doc;
    list.push_back(entry);
  }
  return list;
}

ordered_json variants() {
  ordered_json list = ordered_json::array();
  for (const auto* info : registered_transforms())
    list.push_back({{"name", info->name},
                    {"summary", info->summary},
                    {"keeps", to_string(info->keeps)},
                    {"formula", info->formula},
                    {"source", info->source},
                    {"version", info->version},
                    {"parameters", describe(info->parameters)}});
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
    if (!info->parameters.empty()) entry["parameters"] = describe(info->parameters);
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
                    {"parameters", describe(info->parameters)}});
  return list;
}

struct Topic {
  std::string_view name, summary;
  ordered_json (*make)();
};

constexpr Topic kTopics[] = {
    {"variants", "image variants: what they keep, their parameters, definition and source", variants},
    {"suites", "named lists of variants", suite_list},
    {"datasets", "layouts that --data reads", readers},
    {"presets", "geometries: how an image becomes a model's input", preset_list},
    {"architectures", "networks that are built here and filled with a state_dict", architectures},
};

void print_entry(const ordered_json& entry) {
  std::string head = entry["summary"];
  if (entry.contains("keeps")) head = fmt::format("[keeps {}] {}", entry["keeps"].get<std::string>(), head);
  print_name_and_summary(entry["name"].get<std::string>(), head);
  const auto line = [](std::string_view text) { fmt::print("  {:<22} {}\n", "", text); };
  if (entry.contains("definition")) line(entry["definition"].get<std::string>());
  if (entry.contains("variants"))
    line(fmt::format("{}", fmt::join(entry["variants"].get<std::vector<std::string>>(), "  ")));
  if (entry.contains("parameters"))
    for (const auto& parameter : entry["parameters"]) {
      std::string range;
      if (parameter.contains("choices"))
        range = fmt::format(" one of {}", fmt::join(parameter["choices"].get<std::vector<std::string>>(), "|"));
      else if (parameter.contains("minimum") || parameter.contains("maximum"))
        range =
            fmt::format(" in [{}, {}]", parameter.value("minimum", -INFINITY), parameter.value("maximum", INFINITY));
      line(fmt::format("  {}={}{}  {}", parameter["name"].get<std::string>(), parameter["default"].get<std::string>(),
                       range, parameter["doc"].get<std::string>()));
    }
  if (entry.contains("formula")) line("  = " + entry["formula"].get<std::string>());
  if (entry.contains("source")) line("  from " + entry["source"].get<std::string>());
}

void run_list(const std::string& wanted, bool json) {
  if (wanted.empty()) {
    fmt::print("cuebench list TOPIC [--json], with TOPIC one of\n");
    for (const auto& topic : kTopics) print_name_and_summary(topic.name, topic.summary);
    return;
  }
  std::vector<std::string> known;
  for (const auto& topic : kTopics) {
    known.emplace_back(topic.name);
    if (topic.name != wanted) continue;
    const ordered_json list = topic.make();
    if (json) {
      fmt::print("{}\n", list.dump(2));
    } else {
      for (const auto& entry : list) print_entry(entry);
    }
    return;
  }
  throw UsageError(
      unknown_name_message("list topic", wanted, known, fmt::format("there are {}", fmt::join(known, ", "))));
}

}  // namespace

std::function<void()> declare_list(CLI::App& app, const CommonOptions&) {
  auto topic = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  app.add_option("topic", *topic, "variants, suites, datasets, presets or architectures");
  app.add_flag("--json", *json, "As JSON");
  return [topic, json] { run_list(*topic, *json); };
}

}  // namespace cuebench::cli
