#pragma once
// Figures as files and as parts of a page.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "figures.hpp"

namespace cuebench {

struct Drawings {
  std::map<std::string, std::string> svgs;  ///< name -> SVG fit for a page
  bool gnuplot_missing = false;
};

/// Figures that gnuplot drew also go to FOLDER/NAME.svg; SVG files of an earlier report that are not drawn now are
/// removed.
Drawings draw_figures(const std::vector<Figure>& figures, const std::filesystem::path& folder,
                      const std::string& gnuplot);

}  // namespace cuebench
