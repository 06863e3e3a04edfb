#pragma once
// Panels of one size in rows and columns. All lengths are pixels of the figure.

#include <string>

namespace cuebench {

struct PanelGrid {
  int rows = 1, columns = 1;
  double panel_width = 260, panel_height = 120;  ///< the area inside the axes
  double left = 64, right = 16, top = 40, bottom = 50;
  double column_gap = 20, row_gap = 36;

  int width() const;
  int height() const;
  double x(int column) const;  ///< left edge of a column's panels
  double y(int row) const;     ///< upper edge of a row's panels, from the top of the figure
  /// Sets gnuplot's margins to a panel.
  std::string margins(int row, int column) const;
  /// "screen X, screen Y" of a point given from the left and the top.
  std::string at(double x, double y) const;
};

}  // namespace cuebench
