#pragma once
// Tables with booktabs rules, to be included in a paper.

#include <string>
#include <string_view>

#include "text_table.hpp"

namespace cuebench {

/// A comment that names the program and the package that the tables need.
std::string latex_head();
/// Names and numbers of any origin as LaTeX text.
std::string latex_escape(std::string_view text);
/// A floating table, labelled tab:OWNER-NAME; cells without text become a dash.
std::string latex_table(const TextTable& table, std::string_view owner = "");

}  // namespace cuebench
