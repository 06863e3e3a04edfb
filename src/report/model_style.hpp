#pragma once
// How a model looks in figures and tables: colours that colour-blind readers can tell apart (Okabe and Ito), and a
// symbol, so that colour never stands alone.

#include <string_view>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

struct ModelStyle {
  std::string_view colour;  ///< "#rrggbb"
  int gnuplot_point = 7;
  std::string_view symbol;  ///< the same point as text
};

/// One style a model: warm colours for standard ones, cool for robust ones, grey for those without a role.
std::vector<ModelStyle> model_styles(const std::vector<StoredModel>& models);

}  // namespace cuebench
