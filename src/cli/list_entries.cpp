#include "list_entries.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"

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
    case ParameterKind::file:
      return "file";
  }
  return "";
}

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
      if (parameter["kind"] == "real" && parameter.contains("choices"))
        range = fmt::format(" a number or {}", fmt::join(parameter["choices"].get<std::vector<std::string>>(), "|"));
      else if (parameter.contains("choices"))
        range = fmt::format(" one of {}", fmt::join(parameter["choices"].get<std::vector<std::string>>(), "|"));
      else if (parameter.contains("minimum") || parameter.contains("maximum"))
        range =
            fmt::format(" in [{}, {}]", parameter.value("minimum", -INFINITY), parameter.value("maximum", INFINITY));
      line(fmt::format("  {}={}{}  {}", parameter["name"].get<std::string>(), parameter["default"].get<std::string>(),
                       range, parameter["doc"].get<std::string>()));
    }
  if (entry.contains("presets"))
    for (const auto& preset : entry["presets"]) line("  preset " + preset.get<std::string>());
  if (entry.contains("formula")) line("  = " + entry["formula"].get<std::string>());
  if (entry.contains("source")) line("  from " + entry["source"].get<std::string>());
}

}  // namespace

ordered_json describe_parameters(const std::vector<ParameterSpec>& specs) {
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

void print_list(const ordered_json& entries, bool json) {
  if (json) {
    fmt::print("{}\n", entries.dump(2));
    return;
  }
  for (const auto& entry : entries) print_entry(entry);
}

}  // namespace cuebench::cli
