#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool read_plain_real(std::string_view text, double& value) {
  if (text == "inf" || text == "+inf") {
    value = std::numeric_limits<double>::infinity();
    return true;
  }
  if (text == "-inf") {
    value = -std::numeric_limits<double>::infinity();
    return true;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

/// A fraction stays as typed, so that a name says 8/255 and not 0.03137...
std::string canonical_real(std::string_view typed, double value) {
  return typed.find('/') == std::string_view::npos ? format_real(value) : std::string(typed);
}

std::string range_text(const ParameterSpec& spec) {
  return fmt::format("[{}, {}]{}{}", format_real(spec.minimum), format_real(spec.maximum), spec.unit.empty() ? "" : " ",
                     spec.unit);
}

}  // namespace

std::string format_real(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  std::array<char, 400> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), end};
}

double parse_real(std::string_view what, std::string_view text) {
  double value = 0;
  if (read_plain_real(text, value)) return value;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    double numerator = 0, denominator = 0;
    if (read_plain_real(text.substr(0, slash), numerator) && read_plain_real(text.substr(slash + 1), denominator) &&
        std::isfinite(numerator) && std::isfinite(denominator) && denominator != 0)
      return numerator / denominator;
  }
  throw UsageError(fmt::format("{} must be a number such as 8, 0.5 or 8/255, not '{}'", what, text));
}

std::int64_t parse_integer(std::string_view what, std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError(fmt::format("{} must be a whole number, not '{}'", what, text));
  return value;
}

const Parameters::Value& Parameters::find(std::string_view name, ParameterKind kind) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.kind != kind)
    throw std::logic_error(fmt::format("no parameter '{}' of that kind in the schema", name));
  return found->second;
}

std::int64_t Parameters::integer(std::string_view name) const {
  return static_cast<std::int64_t>(find(name, ParameterKind::integer).number);
}

double Parameters::real(std::string_view name) const {
  return find(name, ParameterKind::real).number;
}

const std::string& Parameters::text(std::string_view name) const {
  const auto found = values_.find(name);
  const bool choice = found != values_.end() && found->second.kind == ParameterKind::choice;
  return find(name, choice ? ParameterKind::choice : ParameterKind::text).text;
}

std::filesystem::path Parameters::file(std::string_view name) const {
  return find(name, ParameterKind::file).text;
}

std::vector<std::filesystem::path> Parameters::files() const {
  std::vector<std::filesystem::path> files;
  for (const auto& [name, value] : values_)
    if (value.kind == ParameterKind::file && !value.text.empty()) files.emplace_back(value.text);
  return files;
}

std::string Parameters::canonical() const {
  std::string result;
  for (const auto& [name, value] : values_) {
    if (value.text.empty()) continue;  // an optional text that was left out
    if (!result.empty()) result += ',';
    result += name;
    result += '=';
    result += value.text;
  }
  return result;
}

Parameters resolve_parameters(std::string_view owner, const std::vector<ParameterSpec>& specs,
                              const std::vector<std::pair<std::string, std::string>>& typed) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.emplace_back(spec.name);
  std::map<std::string, std::string, std::less<>> given;
  for (const auto& [key, value] : typed) {
    if (std::find(names.begin(), names.end(), key) == names.end()) {
      const std::string has = names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", "));
      throw UsageError(fmt::format("{}: {}", owner, unknown_name_message("parameter", key, names, has)));
    }
    if (!given.emplace(key, value).second)
      throw UsageError(fmt::format("{}: parameter '{}' is given twice", owner, key));
  }

  Parameters result;
  for (const auto& spec : specs) {
    const auto found = given.find(spec.name);
    const std::string text = found == given.end() ? std::string(spec.default_value) : found->second;
    const std::string what = fmt::format("{}: {}", owner, spec.name);
    const bool is_choice = std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end();
    Parameters::Value value{spec.kind, text, 0};
    switch (spec.kind) {
      case ParameterKind::integer: {
        const std::int64_t number = parse_integer(what, text);
        value.number = static_cast<double>(number);
        value.text = std::to_string(number);
        break;
      }
      case ParameterKind::real:
        if (is_choice) {
          value.number = std::numeric_limits<double>::quiet_NaN();
          break;
        }
        value.number = parse_real(what, text);
        value.text = canonical_real(text, value.number);
        break;
      case ParameterKind::choice:
        if (!is_choice)
          throw UsageError(fmt::format("{} must be one of {}, not '{}'", what, fmt::join(spec.choices, ", "), text));
        break;
      case ParameterKind::text:
      case ParameterKind::file:
        if (text.find_first_of(":,+=") != std::string::npos)
          throw UsageError(fmt::format("{} may not hold ':', ',', '+' or '=', as '{}' does", what, text));
        break;
    }
    const bool number = spec.kind == ParameterKind::integer || spec.kind == ParameterKind::real;
    if (number && (value.number < spec.minimum || value.number > spec.maximum))
      throw UsageError(fmt::format("{}={} is outside {}", what, value.text, range_text(spec)));
    result.values_.emplace(std::string(spec.name), std::move(value));
  }
  return result;
}

NamedParameters parse_named_parameters(std::string_view what, std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return UsageError(fmt::format("{} '{}' {}: it is written NAME or NAME:key=value,key=value", what, text, why));
  };
  NamedParameters result;
  const auto colon = text.find(':');
  result.name = std::string(trimmed(text.substr(0, colon)));
  if (result.name.empty()) throw wrong("has no name");
  if (colon == std::string_view::npos) return result;

  std::string_view rest = text.substr(colon + 1);
  while (true) {
    const auto comma = rest.find(',');
    const std::string_view pair = rest.substr(0, comma);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) throw wrong(fmt::format("has '{}' where key=value is expected", pair));
    const auto key = trimmed(pair.substr(0, equals)), value = trimmed(pair.substr(equals + 1));
    if (key.empty() || value.empty()) throw wrong(fmt::format("has an empty key or value in '{}'", pair));
    result.values.emplace_back(key, value);
    if (comma == std::string_view::npos) return result;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<NamedParameters> parse_chain(std::string_view what, std::string_view text) {
  std::vector<NamedParameters> links;
  while (true) {
    const auto plus = text.find('+');
    const auto link = trimmed(text.substr(0, plus));
    if (link.empty()) throw UsageError(fmt::format("{}: a chain joined with '+' has an empty link", what));
    links.push_back(parse_named_parameters(what, link));
    if (plus == std::string_view::npos) return links;
    text.remove_prefix(plus + 1);
  }
}

}  // namespace cuebench
