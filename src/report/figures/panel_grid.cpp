#include "panel_grid.hpp"

#include <cmath>

#include <fmt/format.h>

namespace cuebench {

int PanelGrid::width() const {
  return static_cast<int>(std::lround(x(columns) - column_gap + right));
}

int PanelGrid::height() const {
  return static_cast<int>(std::lround(y(rows) - row_gap + bottom));
}

double PanelGrid::x(int column) const {
  return left + column * (panel_width + column_gap);
}

double PanelGrid::y(int row) const {
  return top + row * (panel_height + row_gap);
}

std::string PanelGrid::margins(int row, int column) const {
  const double w = width(), h = height();
  return fmt::format(
      "set lmargin at screen {:.5f}\nset rmargin at screen {:.5f}\n"
      "set tmargin at screen {:.5f}\nset bmargin at screen {:.5f}\n",
      x(column) / w, (x(column) + panel_width) / w, 1 - y(row) / h, 1 - (y(row) + panel_height) / h);
}

std::string PanelGrid::at(double x, double y) const {
  return fmt::format("screen {:.5f}, screen {:.5f}", x / width(), 1 - y / height());
}

}  // namespace cuebench
