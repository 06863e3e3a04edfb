#include "text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <cuebench/core/natural_order.hpp>

namespace cuebench {
namespace {

constexpr std::string_view kMinus = "\u2212";
constexpr std::string_view kReplacement = "\uFFFD";

constexpr std::array<CueGroup, 6> kGroups = {{{"shape", "Shape kept, texture removed"},
                                              {"texture", "Texture kept, shape removed"},
                                              {"both", "Both cues kept, image degraded"},
                                              {"adversarial", "Attacked: changed by an adversary who knows the model"},
                                              {"conflict", "Shape and texture in conflict"},
                                              {"neither", "Neither cue kept"}}};

/// Length of the UTF-8 sequence that starts at `at`, 0 if it is not valid.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 && first <= 0xF4 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first > 0xF4 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
  const unsigned char second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string decimal(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const bool zero = std::all_of(text.begin(), text.end(), [](char c) { return c == '0' || c == '.'; });
  return value < 0 && !zero ? std::string(kMinus) + text : text;
}

std::string percent(const Measure& measure) {
  return measure.value ? decimal(100 * *measure.value, 1) + " %" : "n/a";
}

std::string percent_with_interval(const Measure& measure) {
  if (!measure.value || !measure.low || !measure.high) return percent(measure);
  return fmt::format("{} ({} to {})", percent(measure), decimal(100 * *measure.low, 1),
                     decimal(100 * *measure.high, 1));
}

std::string signed_points(double value) {
  const std::string text = decimal(100 * value, 1);
  return value > 0 && text != "0.0" ? "+" + text : text;
}

std::string points(const Measure& measure) {
  return measure.value ? signed_points(*measure.value) : "n/a";
}

std::string points_with_interval(const Measure& measure) {
  if (!measure.value) return "n/a";
  if (!measure.low || !measure.high) return points(measure) + " points";
  return fmt::format("{} points (95 % interval {} to {})", points(measure), signed_points(*measure.low),
                     signed_points(*measure.high));
}

std::string p_value(double p) {
  return p < 0.001 ? "p < 0.001" : "p = " + decimal(p, 3);
}

int side_of_zero(const Measure& measure) {
  if (!measure.value || !measure.low || !measure.high) return 0;
  if (*measure.low > 0) return 1;
  return *measure.high < 0 ? -1 : 0;
}

std::string join_names(const std::vector<std::string>& names) {
  if (names.size() < 2) return names.empty() ? "" : names.front();
  const std::vector<std::string> head(names.begin(), names.end() - 1);
  return fmt::format("{} and {}", fmt::join(head, ", "), names.back());
}

std::string transforms_of(std::string_view variant) {
  std::string names;
  bool in_name = true;
  for (const char c : variant) {
    if (c == ':') in_name = false;
    if (c == '+') in_name = true;
    if (in_name) names += c;
  }
  return names;
}

std::string list_variants(std::span<const int> variants, const RunDescription& run, std::size_t maximum) {
  std::vector<std::string> names;
  for (const int variant : variants) {
    const std::string shown = transforms_of(run.variants[variant].text);
    if (std::find(names.begin(), names.end(), shown) == names.end()) names.push_back(shown);
  }
  if (names.size() > maximum) {
    const std::size_t more = names.size() - maximum;
    names.resize(maximum);
    names.push_back(fmt::format("{} more", more));
  }
  return join_names(names);
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    result += length ? text.substr(at, length) : kReplacement;
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

namespace {

/// Variants of the same transforms stand together, where the first of them was, in natural order.
void bring_families_together(std::vector<int>& variants, const RunDescription& run) {
  std::map<std::string, int> first;
  for (const int variant : variants) first.try_emplace(transforms_of(run.variants[variant].text), variant);
  std::stable_sort(variants.begin(), variants.end(), [&](int a, int b) {
    const std::string &text_a = run.variants[a].text, &text_b = run.variants[b].text;
    const int first_a = first.at(transforms_of(text_a)), first_b = first.at(transforms_of(text_b));
    if (first_a != first_b) return first_a < first_b;
    return natural_less(text_a, text_b);
  });
}

}  // namespace

std::span<const CueGroup> cue_groups() {
  return kGroups;
}

std::vector<int> variants_of_group(const RunDescription& run, std::string_view keeps) {
  const auto known = [](std::string_view text) {
    return std::any_of(kGroups.begin(), kGroups.end(), [&](const CueGroup& group) { return group.keeps == text; });
  };
  std::vector<int> variants;
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant) {
    const std::string& cue = run.variants[variant].keeps;
    if (cue == keeps || (keeps == kGroups.back().keeps && !known(cue))) variants.push_back(static_cast<int>(variant));
  }
  bring_families_together(variants, run);
  return variants;
}

std::string escape_markup(std::string_view text) {
  std::string result;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      case '\n':
      case '\t':
        result += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
          result += "\uFFFD";
        else
          result += c;
    }
  }
  return result;
}

}  // namespace cuebench
