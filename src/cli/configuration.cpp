#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

#include "command.hpp"

namespace cuebench::cli {
namespace {

/// The value of `--config FILE` or `--config=FILE`, or "".
std::string configuration_file(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--config" && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with("--config=")) return arguments[i].substr(9);
  }
  return "";
}

/// Puts an array that goes over several lines on one, which is how CLI11 reads it. Comments inside it are dropped.
std::string with_arrays_on_one_line(const std::string& text) {
  std::string result;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote || c == '\n') quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      const std::size_t end = std::min(text.find('\n', i), text.size());
      if (depth == 0) result.append(text, i, end - i);
      i = end - 1;
      continue;
    } else if (c == '[' || c == ']') {
      depth += c == '[' ? 1 : -1;
    }
    result += c == '\n' && depth > 0 ? ' ' : c;
  }
  return result;
}

bool is_given(const std::vector<std::string>& arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const auto& argument) { return argument == flag || argument.starts_with(flag + "="); });
}

}  // namespace

std::vector<std::string> expand_configuration(const std::vector<std::string>& arguments) {
  const std::string file = configuration_file(arguments);
  if (file.empty()) return arguments;

  std::istringstream text(with_arrays_on_one_line(read_text_file(file)));
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(text);
  } catch (const CLI::Error& error) {
    throw UsageError(fmt::format("'{}' is not a TOML file that can be read: {}", file, error.what()));
  }
  std::vector<std::string> result = arguments;
  for (const auto& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of a section's begin and end
    if (!item.parents.empty())
      throw UsageError(fmt::format("'{}' has a section [{}]: keys are the flags' names, without sections", file,
                                   fmt::join(item.parents, ".")));
    const std::string flag = "--" + item.name;
    if (is_given(arguments, flag)) continue;
    if (item.inputs.size() == 1 && (item.inputs[0] == "true" || item.inputs[0] == "false")) {
      if (item.inputs[0] == "true") result.push_back(flag);
      continue;
    }
    for (const auto& input : item.inputs) {
      result.push_back(flag);
      result.push_back(input);
    }
  }
  return result;
}

}  // namespace cuebench::cli
