#include <fmt/format.h>

#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string head_cells(const std::vector<std::string>& names) {
  std::string cells;
  for (const std::string& name : names) cells += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", escape(name));
  return cells;
}

std::string summary_table(const Page& page, const CorruptionSummary& summary) {
  const bool all = summary.corruptions.size() > 15;
  std::vector<std::string> columns{"Error, 15", "mCE, 15", "Relative mCE, 15"};
  if (all) columns.insert(columns.end(), {"Error, 19", "mCE, 19"});
  std::string body = "<tbody>";
  for (const CorruptionScoresOfModel& scores : summary.models) {
    body += fmt::format("<tr><th scope=\"row\">{}</th>{}{}{}", page.model(scores.model), percent_cell(scores.error),
                        percent_cell(scores.mce), percent_cell(scores.relative_mce));
    if (all) body += percent_cell(scores.error_19) + percent_cell(scores.mce_19);
    body += "</tr>\n";
  }
  const std::string divided =
      summary.baseline.empty()
          ? "mCE needs a baseline (--mce-baseline MODEL): AlexNet's customary errors are of ImageNet's images."
          : fmt::format(
                "mCE: each corruption's error divided by that of {}, then the mean; relative: errors above the "
                "one on clean images, divided in the same way.",
                summary.baseline);
  return table(
      fmt::format("Error = share of wrong answers, mean over 5 severities and the benchmark's 15 corruptions{}. "
                  "{} 95 % intervals: images drawn for all models together.",
                  all ? " (or all 19)" : "", divided),
      "<tr><th scope=\"col\">Model</th>" + head_cells(columns) + "</tr>", body + "</tbody>\n", "pin");
}

std::string error_table(const Page& page, const CorruptionSummary& summary) {
  std::string head = "<tr><th scope=\"col\">Corruption</th>";
  for (const CorruptionScoresOfModel& scores : summary.models)
    head += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", page.model(scores.model));
  std::string body = "<tbody>";
  for (std::size_t c = 0; c < summary.corruptions.size(); ++c) {
    body += fmt::format("<tr><th scope=\"row\">{}{}</th>", breakable(summary.corruptions[c]),
                        c >= 15 ? " <small class=\"soft\">(beyond the 15)</small>" : "");
    for (const CorruptionScoresOfModel& scores : summary.models) body += percent_cell(scores.corruption_error[c]);
    body += "</tr>\n";
  }
  return table("Error under each corruption, mean over the 5 severities.", head + "</tr>", body + "</tbody>\n", "pin");
}

}  // namespace

std::string corruption_section(const Page& page) {
  std::string body;
  for (const CorruptionSummary& summary : page.summary.corruptions) {
    if (page.summary.corruptions.size() > 1) body += fmt::format("<h3>{}</h3>\n", escape(summary.setting));
    body += summary_table(page, summary) + details("Error by corruption", error_table(page, summary));
  }
  return section("corruptions", "Common corruptions (ImageNet-C)", body);
}

}  // namespace cuebench::html
