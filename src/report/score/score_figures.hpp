#pragma once
// Figures of `cuebench score`.

#include <vector>

#include <cuebench/scoring/scores.hpp>

#include "../figures/figures.hpp"

namespace cuebench::score {

/// Shape bias by category after figure 4 of Geirhos et al. (2019): one row a category, shape at the left and texture at
/// the right, one marker an observer, a line at each observer's shape bias. "shape-bias-SET", one a cue-conflict set.
std::vector<Figure> shape_bias_figures(const scoring::Scores& scores);
/// The name that the figure of a set has.
std::string shape_bias_figure_name(const scoring::SetScores& set);

}  // namespace cuebench::score
