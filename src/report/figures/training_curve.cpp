#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/training_curve.hpp>

#include "axes.hpp"
#include "gnuplot.hpp"

namespace cuebench {
namespace {

struct Series {
  const char* column;
  const char* title;
  const char* colour;
  int point;
};
constexpr Series kAccuracies[] = {{"train_accuracy", "training", "#444444", 7},
                                  {"validation_accuracy", "validation, clean", "#D55E00", 5},
                                  {"validation_robust_accuracy", "validation, under PGD", "#0072B2", 9}};
constexpr Series kLoss{"train_loss", "training loss", "#444444", 7};

constexpr int kWidth = 640, kHeight = 520;

/// One number a row; NaN where the field is empty.
std::vector<double> column_of(const CsvTable& table, const std::string& name, const std::string& file) {
  const int column = table.column(name);
  if (column < 0)
    throw UsageError(fmt::format("'{}' has no column '{}': it is no training_log.csv of `cuebench train`", file, name));
  std::vector<double> values;
  for (const CsvTable::Row& row : table.rows) {
    const std::string& field = row.fields[static_cast<std::size_t>(column)];
    values.push_back(field.empty() ? std::nan("") : parse_real(fmt::format("{} in '{}'", name, file), field));
  }
  return values;
}

/// The data block and the clause that plots it; nothing where no row has a value.
std::string add_series(const std::vector<double>& epochs, const std::vector<double>& values, double scale,
                       const Series& series, std::string& script) {
  std::vector<std::vector<double>> rows;
  bool any = false;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    rows.push_back({epochs[i], values[i] * scale});
    any = any || std::isfinite(values[i]);
  }
  if (!any) return "";
  script += data_block(series.column, rows);
  return fmt::format("${} using 1:2 with linespoints pt {} ps 0.5 lc rgb '{}' lw 1.6 title {}", series.column,
                     series.point, series.colour, gnuplot_text(series.title));
}

}  // namespace

bool draw_training_curve(const std::filesystem::path& log, const std::filesystem::path& svg,
                         const std::string& gnuplot) {
  const std::string file = log.string();
  const CsvTable table = parse_csv(read_text_file(log), file);
  const std::vector<double> epochs = column_of(table, "epoch", file);
  if (epochs.empty()) throw UsageError(fmt::format("'{}' has no finished epoch", file));
  std::string script = axes_script();
  std::vector<std::string> accuracies;
  for (const Series& series : kAccuracies) {
    const std::string clause = add_series(epochs, column_of(table, series.column, file), 100, series, script);
    if (!clause.empty()) accuracies.push_back(clause);
  }
  const std::string loss = add_series(epochs, column_of(table, kLoss.column, file), 1, kLoss, script);
  script += fmt::format("set xrange [{}:{}]\nset multiplot layout 2,1\n", format_real(epochs.front() - 0.5),
                        format_real(epochs.back() + 0.5));
  script += "set yrange [0:100]\nset ylabel 'accuracy, %'\n" + plot_script(accuracies);
  script += "set yrange [0:*]\nset ylabel 'loss'\nset xlabel 'epoch'\n" + plot_script({loss});
  script += "unset multiplot\n";
  const Drawing drawing = draw_with_gnuplot(gnuplot, script, kWidth, kHeight);
  if (drawing.status != DrawingStatus::drawn) return false;
  write_file_atomically(svg, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" +
                                 svg_for_page(drawing.svg, "training-curve", "Accuracy and loss against the epoch"));
  return true;
}

}  // namespace cuebench
