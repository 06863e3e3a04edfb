#pragma once
// Images side by side in one picture, with headings.

#include <string>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench {

struct SheetRow {
  std::string title, remark;  ///< beside the row, dark and grey; wrapped
  std::vector<Image> cells;   ///< one a column; an empty image leaves its place grey
};

/// White, a row for each of `rows`, a column for each of `headings`, which are wrapped to the columns' width. Text is
/// drawn in ASCII; other letters become '?'.
Image draw_contact_sheet(const std::vector<std::string>& headings, const std::vector<SheetRow>& rows);

}  // namespace cuebench
