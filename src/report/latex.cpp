#include "latex.hpp"

#include <fmt/format.h>

#include <cuebench/core/version.hpp>

#include "text.hpp"

namespace cuebench {
namespace {

std::string label_part(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    result += plain ? c : '-';
  }
  return result;
}

}  // namespace

std::string latex_head() {
  return fmt::format("% Made by cuebench {}; needs \\usepackage{{booktabs}}.\n\n", version());
}

std::string latex_escape(std::string_view text) {
  std::string result;
  const std::string valid = valid_utf8(text);
  for (std::size_t at = 0; at < valid.size(); ++at) {
    if (valid.compare(at, 3, "\u2212") == 0) {
      result += "$-$";
      at += 2;
      continue;
    }
    switch (const char c = valid[at]) {
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        result += '\\';
        result += c;
        break;
      case '~':
        result += "\\textasciitilde{}";
        break;
      case '^':
        result += "\\textasciicircum{}";
        break;
      case '\\':
        result += "\\textbackslash{}";
        break;
      case '<':
        result += "$<$";
        break;
      case '>':
        result += "$>$";
        break;
      case '*':
        result += "$^*$";
        break;
      case '[':
        result += "{[}";  // an optional argument behind a line break otherwise
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string latex_table(const TextTable& table, std::string_view owner) {
  std::string columns;
  for (std::size_t i = 0; i < table.header.size(); ++i) columns += i < table.text_columns ? 'l' : 'r';
  std::string text = fmt::format("\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\label{{tab:{}{}{}}}\n",
                                 latex_escape(table.caption), label_part(owner), owner.empty() ? "" : "-", table.name);
  text += fmt::format("\\begin{{tabular}}{{{}}}\n\\toprule\n", columns);
  const auto line = [](const std::vector<std::string>& cells) {
    return fmt::format("{} \\\\\n", fmt::join(cells, " & "));
  };
  std::vector<std::string> cells;
  for (const std::string& name : table.header) cells.push_back(latex_escape(name));
  text += line(cells) + "\\midrule\n";
  for (const auto& row : table.rows) {
    cells.clear();
    for (const auto& cell : row) cells.push_back(cell.text.empty() ? "--" : latex_escape(cell.text));
    text += line(cells);
  }
  return text + "\\bottomrule\n\\end{tabular}\n\\end{table}\n\n";
}

}  // namespace cuebench
