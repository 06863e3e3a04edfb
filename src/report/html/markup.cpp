#include "markup.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "../diverging_colour.hpp"
#include "../text.hpp"

namespace cuebench::html {
namespace {

std::string interval_text(const Measure& measure, double scale, int decimals) {
  if (!measure.low || !measure.high) return "";
  return fmt::format("{} to {}", decimal(scale * *measure.low, decimals), decimal(scale * *measure.high, decimals));
}

std::string signed_interval(const Measure& measure) {
  if (!measure.low || !measure.high) return "";
  return fmt::format("<small>{} to {}</small>", signed_points(*measure.low), signed_points(*measure.high));
}

std::string missing_cell(const Measure& measure, const CellStyle& style) {
  return fmt::format("<td class=\"num missing{}\" title=\"{}\">n/a</td>", style.edge ? " edge" : "",
                     escape(measure.method));
}

/// W of viewBox="0 0 W H"; 0 where there is none.
int viewbox_width(std::string_view svg) {
  const auto at = svg.find("viewBox=");
  int width = 0;
  if (at != std::string_view::npos) {
    const std::string_view numbers = svg.substr(std::min(svg.size(), at + std::string_view("viewBox='0 0 ").size()));
    std::from_chars(numbers.data(), numbers.data() + numbers.size(), width);
  }
  return width;
}

std::string open_cell(const CellStyle& style) {
  return fmt::format("<td class=\"num{}\"{}", style.edge ? " edge" : "", style.background);
}

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < left ? std::to_integer<unsigned>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= left ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string section(std::string_view id, std::string_view title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n", id,
      escape(title), body);
}

std::string table(std::string_view caption, const std::string& head, const std::string& body,
                  std::string_view style_class) {
  return fmt::format(
      "<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table class=\"{1}\">\n"
      "<caption>{0}</caption>\n<thead>{2}</thead>\n{3}</table></div>\n",
      escape(caption), style_class, head, body);
}

std::string details(std::string_view summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escape(summary), body);
}

std::string figure(const std::string& svg, std::string_view caption) {
  if (svg.empty()) return "";
  return fmt::format("<figure><div class=\"scroll plot\">{}</div><figcaption>{}</figcaption></figure>\n", svg,
                     escape(caption));
}

std::string figure_in_own_size(const std::string& svg, std::string_view caption) {
  const int width = viewbox_width(svg);
  if (width == 0) return figure(svg, caption);
  return fmt::format(
      "<figure><div class=\"scroll plot own\" style=\"--width:{}px\">{}</div><figcaption>{}</figcaption></figure>\n",
      width, svg, escape(caption));
}

std::string percent_cell(const Measure& measure, const CellStyle& style) {
  if (!measure.value) return missing_cell(measure, style);
  const std::string interval = interval_text(measure, 100, 1);
  return fmt::format("{}>{}{}</td>", open_cell(style), percent(measure),
                     interval.empty() ? "" : fmt::format("<small>{}</small>", interval));
}

std::string points_cell(const Measure& measure, std::string_view mark, const CellStyle& style) {
  if (!measure.value) return missing_cell(measure, style);
  return fmt::format("{}>{}{}{}</td>", open_cell(style), points(measure), mark, signed_interval(measure));
}

std::string number_cell(const Measure& measure, int decimals, const CellStyle& style, std::string_view mark) {
  if (!measure.value) return missing_cell(measure, style);
  const std::string interval = interval_text(measure, 1, decimals);
  return fmt::format("{} title=\"{}n = {}\">{}{}</td>", open_cell(style),
                     interval.empty() ? "" : fmt::format("95 % interval {}, ", interval), measure.n,
                     decimal(*measure.value, decimals), mark);
}

std::string breakable(std::string_view text) {
  std::string name;
  for (const char c : escape(text)) {
    name += c;
    if (c == ':' || c == ',' || c == '+' || c == '_') name += "<wbr>";
  }
  return name;
}

std::string diverging_background(double value) {
  const std::string colour = diverging_colour(value);
  return colour.empty() ? "" : fmt::format(" style=\"background:{}\"", colour);
}

}  // namespace cuebench::html
