#pragma once
// What `cuebench score` prints and writes. Each function is pure: the same scores give the same bytes.
// Fields and definitions: docs/score.md.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <cuebench/scoring/scores.hpp>

namespace cuebench {

struct ScoreTextOptions {
  bool confusions = false;  ///< all of them; otherwise only where there are few
  /// Also how many trials an interval of plus or minus this needs.
  std::optional<double> target_half_width;
};
/// Aligned tables for people.
std::string score_text(const scoring::Scores& scores, const ScoreTextOptions& options = {});

std::string score_json(const scoring::Scores& scores);
/// observer,set,condition,category,metric,value,low,high,n,method; one row a number.
std::string score_csv(const scoring::Scores& scores);
/// observer,set,shown,answered,count; every pair of categories, "na" for no answer.
std::string confusion_csv(const scoring::Scores& scores);
/// Tables with booktabs rules, to be included in a paper.
std::string score_latex(const scoring::Scores& scores);
/// One self-contained page without script; `figures` maps a figure's name to its SVG text.
std::string score_html(const scoring::Scores& scores, const std::map<std::string, std::string>& figures,
                       bool gnuplot_missing);

struct ScoreFilesOptions {
  bool latex = false;
  bool figures = true;
  std::string gnuplot = "gnuplot";
};
/// Writes score.json, score.csv, confusion.csv, score.html, figures/*.svg and, on request, score.tex.
/// @throws UsageError when the folder cannot be made, RunError when a file cannot be written.
void write_score_files(const scoring::Scores& scores, const std::filesystem::path& folder,
                       const ScoreFilesOptions& options = {});

}  // namespace cuebench
