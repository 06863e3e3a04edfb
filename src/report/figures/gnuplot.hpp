#pragma once
// Drawing with gnuplot as a child process: a script in, an SVG out.

#include <string>
#include <string_view>

namespace cuebench {

enum class DrawingStatus { drawn, no_gnuplot, failed };

struct Drawing {
  DrawingStatus status = DrawingStatus::failed;
  std::string svg;      ///< as gnuplot wrote it
  std::string message;  ///< gnuplot's first line of complaint
};

/// Runs `program` on `script` in a new temporary folder, without a shell and without the user's gnuplot settings.
/// The script plots to the terminal that draw sets up (`width` x `height`, in the units of the viewBox).
Drawing draw_with_gnuplot(const std::string& program, const std::string& script, int width, int height);

/// A text from outside as a gnuplot string: single quotes, in which gnuplot substitutes nothing; one line.
std::string gnuplot_text(std::string_view text);

/// Makes an SVG of gnuplot fit to stand inside a page: no XML declaration, every id with the prefix `name` (several
/// figures in one page must not share ids), no size in pixels, and `alternative` as accessible name.
std::string svg_for_page(std::string_view svg, std::string_view name, std::string_view alternative);

}  // namespace cuebench
