#pragma once
// The sections of the page, each a function from the summary to HTML; an empty text means there is nothing to say.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <cuebench/report/manifest.hpp>
#include <cuebench/report/summary.hpp>

#include "../model_style.hpp"

namespace cuebench::html {

/// What every section may look at.
struct Page {
  const RunSummary& summary;
  const std::optional<Manifest>& manifest;
  const std::map<std::string, std::string>& figures;  ///< name -> SVG fit for a page
  std::vector<ModelStyle> styles;
  std::vector<std::string> labels;  ///< short names of the variants

  const RunDescription& run() const { return summary.description; }
  /// Symbol in the model's colour and its name, escaped.
  std::string model(int index) const;
  /// Short name, escaped, with the canonical text as title.
  std::string variant(int index) const;
  /// "" when it was not drawn.
  std::string drawing(const std::string& name) const;
};

std::string answers(const Page& page);
std::string warnings(const Page& page, bool gnuplot_missing);
std::string comparison_section(const Page& page);
std::string accuracy_section(const Page& page);
std::string sweep_section(const Page& page);
std::string corruption_section(const Page& page);
std::string shape_bias_section(const Page& page);
std::string aggregation_section(const Page& page);
std::string channel_section(const Page& page);
std::string intervention_section(const Page& page);
std::string picture_section(const Page& page);
std::string class_section(const Page& page);
std::string image_section(const Page& page);
std::string methods_section(const Page& page);
std::string provenance_section(const Page& page);

}  // namespace cuebench::html
