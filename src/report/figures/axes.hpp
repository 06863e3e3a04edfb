#pragma once
// Pieces that all scripts share.

#include <string>
#include <string_view>
#include <vector>

#include <cuebench/core/parameters.hpp>
#include <cuebench/report/summary.hpp>

#include "../model_style.hpp"

namespace cuebench {

/// Grey axes at the left and bottom, a light grid, line styles.
std::string axes_script();
/// "plot A, B, ..." of clauses.
std::string plot_script(const std::vector<std::string>& clauses);
/// A data block `$NAME` of rows of numbers; "NaN" stands for what is missing.
std::string data_block(const std::string& name, const std::vector<std::vector<double>>& rows);
/// {value, low, high} in units of `scale`; low = high = value where there is no interval.
std::vector<double> interval_of(const Measure& measure, double scale);

/// At most `characters` characters, the last one "…" where something is left out. Valid UTF-8.
std::string shortened(std::string_view text, std::size_t characters);

}  // namespace cuebench
