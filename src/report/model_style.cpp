#include "model_style.hpp"

#include <array>

namespace cuebench {

std::vector<ModelStyle> model_styles(const std::vector<StoredModel>& models) {
  constexpr std::array<std::string_view, 3> kStandard{"#D55E00", "#E69F00", "#CC79A7"};
  constexpr std::array<std::string_view, 3> kRobust{"#0072B2", "#009E73", "#56B4E9"};
  constexpr std::array<std::string_view, 3> kOther{"#444444", "#8C6D31", "#7B4173"};
  struct Point {
    int gnuplot;
    std::string_view symbol;
  };
  constexpr std::array<Point, 5> kPoints{{{7, "\u25CF"}, {5, "\u25A0"}, {9, "\u25B2"}, {13, "\u25C6"}, {11, "\u25BC"}}};
  std::size_t standard = 0, robust = 0, other = 0;
  std::vector<ModelStyle> styles;
  for (const StoredModel& model : models) {
    ModelStyle style;
    if (model.role == "standard")
      style.colour = kStandard[standard++ % kStandard.size()];
    else if (model.role == "robust")
      style.colour = kRobust[robust++ % kRobust.size()];
    else
      style.colour = kOther[other++ % kOther.size()];
    const Point point = kPoints[styles.size() % kPoints.size()];
    style.gnuplot_point = point.gnuplot;
    style.symbol = point.symbol;
    styles.push_back(style);
  }
  return styles;
}

}  // namespace cuebench
