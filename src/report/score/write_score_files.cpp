#include <cuebench/core/files.hpp>
#include <cuebench/report/score_report.hpp>

#include "../figures/draw_figures.hpp"
#include "score_figures.hpp"

namespace cuebench {

void write_score_files(const scoring::Scores& scores, const std::filesystem::path& folder,
                       const ScoreFilesOptions& options) {
  require_writable_folder(folder);
  write_file_atomically(folder / "score.json", score_json(scores));
  write_file_atomically(folder / "score.csv", score_csv(scores));
  write_file_atomically(folder / "confusion.csv", confusion_csv(scores));
  if (options.latex) write_file_atomically(folder / "score.tex", score_latex(scores));
  const Drawings drawings = options.figures
                                ? draw_figures(score::shape_bias_figures(scores), folder / "figures", options.gnuplot)
                                : Drawings{};
  write_file_atomically(folder / "score.html", score_html(scores, drawings.svgs, drawings.gnuplot_missing));
}

}  // namespace cuebench
