#pragma once
// Tables for the terminal.

#include <cstddef>
#include <string>
#include <vector>

namespace cuebench {

/// One line a row; the first `left` columns to the left, the others, numbers, to the right.
std::string align_columns(const std::vector<std::vector<std::string>>& rows, std::size_t left);

}  // namespace cuebench
