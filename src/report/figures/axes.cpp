#include "axes.hpp"

#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"

namespace cuebench {

std::string axes_script() {
  return "set border 3 lc rgb '#5f6b76' lw 1\n"
         "set tics nomirror out scale 0.6 textcolor rgb '#1b1f24'\n"
         "set grid lc rgb '#dfe4e8' lt 1 lw 0.8\n"
         "set key above left horizontal samplen 1.5 textcolor rgb '#1b1f24'\n"
         "set pointsize 0.9\n";
}

std::string plot_script(const std::vector<std::string>& clauses) {
  return fmt::format("plot {}\n", fmt::join(clauses, ", \\\n     "));
}

std::string data_block(const std::string& name, const std::vector<std::vector<double>>& rows) {
  std::string text = fmt::format("${} << EOD\n", name);
  for (const std::vector<double>& row : rows) {
    for (const double value : row) text += (std::isfinite(value) ? format_real(value) : std::string("NaN")) + " ";
    text += '\n';
  }
  return text + "EOD\n";
}

std::vector<double> interval_of(const Measure& measure, double scale) {
  if (!measure.value) return {std::nan(""), std::nan(""), std::nan("")};
  const double value = *measure.value * scale;
  return {value, measure.low ? *measure.low * scale : value, measure.high ? *measure.high * scale : value};
}

std::string shortened(std::string_view text, std::size_t characters) {
  const std::string valid = valid_utf8(text);
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < valid.size(); ++at)
    if ((static_cast<unsigned char>(valid[at]) & 0xC0) != 0x80) starts.push_back(at);
  if (starts.size() <= characters || characters == 0) return valid;
  return valid.substr(0, starts[characters - 1]) + "\u2026";
}

}  // namespace cuebench
