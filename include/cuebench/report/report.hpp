#pragma once
// From a run folder to the files that people read.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <cuebench/report/manifest.hpp>
#include <cuebench/report/summary.hpp>

namespace cuebench {

struct ReportOptions {
  /// Pairs given here win; else those of the stored configuration ("pairs": ["A:B", ...]); else by role.
  SummaryOptions summary;
  /// Written as manifest.json when given; otherwise the one in the folder is read for the report, if there is one.
  std::optional<Manifest> manifest;
  bool predictions = false;         ///< also predictions.csv.gz
  bool figures = true;              ///< draw with gnuplot where it is installed
  std::filesystem::path html;       ///< where report.html goes; empty: into the run folder
  std::filesystem::path latex;      ///< folder for the tables as NAME.tex; empty: none are written
  std::string gnuplot = "gnuplot";  ///< program name or path
  std::filesystem::path trials;     ///< where model-vs-human's per-trial files go; empty: not written
  std::string trials_set;           ///< the name of the data set in them; empty: by what the data are
  std::int64_t maximum_channel_rows = 1'000'000;
};

/// Writes results.json, metrics.csv, channels.csv (runs with channels), bad_images.csv, predictions.csv.gz (on
/// request), manifest.json (when given), report.html and figures/*.svg. A run may be unfinished: the report says so.
/// @throws UsageError when `folder` holds no run; RunError when a file cannot be written.
RunSummary write_report(const std::filesystem::path& folder, const ReportOptions& options = {});

/// The headline and one line a variant, in aligned columns, for the terminal.
std::string headline_table(const RunSummary& summary);

/// One self-contained page: no network, no script. `figures` maps a figure's name to its SVG text.
std::string report_html(const RunSummary& summary, const std::optional<Manifest>& manifest,
                        const std::map<std::string, std::string>& figures, bool gnuplot_missing);

}  // namespace cuebench
