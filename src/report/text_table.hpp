#pragma once
// A table as rows of cells; the terminal, pages and LaTeX each lay it out.

#include <cstddef>
#include <string>
#include <vector>

namespace cuebench {

struct TextCell {
  std::string text;
  std::string remark = {};  ///< why there is no value, or how it was made
};

struct TextTable {
  std::string name;     ///< "accuracy", in file names and labels
  std::string caption;  ///< what it shows and how, one or two sentences
  std::vector<std::string> header;
  std::vector<std::vector<TextCell>> rows;
  std::size_t text_columns = 1;  ///< from the left; the others hold numbers
};

}  // namespace cuebench
