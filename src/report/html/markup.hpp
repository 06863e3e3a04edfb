#pragma once
// Small pieces of HTML. Every text from outside goes through escape().

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <cuebench/report/summary.hpp>

#include "../text.hpp"

namespace cuebench::html {

inline std::string escape(std::string_view text) {
  return escape_markup(text);
}
std::string base64(std::span<const std::byte> bytes);

/// <section id=ID><h2>TITLE</h2>BODY</section>; nothing when `body` is empty.
std::string section(std::string_view id, std::string_view title, const std::string& body);
/// A table in a box of its own that scrolls sideways.
std::string table(std::string_view caption, const std::string& head, const std::string& body,
                  std::string_view style_class = "");
std::string details(std::string_view summary, const std::string& body);
/// Inlined SVG in a box that scrolls sideways.
std::string figure(const std::string& svg, std::string_view caption);
/// The same, not drawn larger than its viewBox and not much smaller: for figures whose width follows from their
/// content.
std::string figure_in_own_size(const std::string& svg, std::string_view caption);

/// How a cell differs from the others of its column.
struct CellStyle {
  bool edge = false;            ///< a line at the left, where a group of columns begins
  std::string background = {};  ///< of diverging_background
};

/// "61.2 %" with its interval below, small; "n/a" with the reason as title where there is none.
std::string percent_cell(const Measure& measure, const CellStyle& style = {});
/// `mark` is HTML that follows the number.
std::string points_cell(const Measure& measure, std::string_view mark, const CellStyle& style = {});
/// Plain number with `decimals`, interval as title.
std::string number_cell(const Measure& measure, int decimals, const CellStyle& style = {}, std::string_view mark = "");
/// Escaped, with places where a long name may break onto the next line.
std::string breakable(std::string_view text);

/// Attribute with a background between two hues for `value` in [-1, 1] (0 = white); the text stays dark on it.
std::string diverging_background(double value);

}  // namespace cuebench::html
