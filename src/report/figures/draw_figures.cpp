#include "draw_figures.hpp"

#include <spdlog/spdlog.h>

#include <cuebench/core/files.hpp>

#include "gnuplot.hpp"

namespace cuebench {

Drawings draw_figures(const std::vector<Figure>& figures, const std::filesystem::path& folder,
                      const std::string& gnuplot) {
  Drawings drawings;
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored))
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".svg") std::filesystem::remove(entry.path(), ignored);
  for (const Figure& figure : figures) {
    const Drawing drawing = draw_with_gnuplot(gnuplot, figure.script, figure.width, figure.height);
    if (drawing.status == DrawingStatus::no_gnuplot) {
      drawings.gnuplot_missing = true;
      break;
    }
    if (drawing.status == DrawingStatus::failed) {
      spdlog::warn("gnuplot could not draw the figure '{}' ({}); the report has its numbers in tables", figure.name,
                   drawing.message);
      continue;
    }
    const std::string svg = svg_for_page(drawing.svg, figure.name, figure.alternative);
    require_writable_folder(folder);
    write_file_atomically(folder / (figure.name + ".svg"), "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + svg);
    drawings.svgs[figure.name] = svg;
  }
  return drawings;
}

}  // namespace cuebench
