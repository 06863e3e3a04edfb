#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include <cuebench/core/version.hpp>
#include <cuebench/report/score_report.hpp>

#include "../html/markup.hpp"
#include "../html/style.hpp"
#include "../text.hpp"
#include "score_figures.hpp"
#include "score_tables.hpp"

namespace cuebench {
namespace {

using html::escape;
using scoring::ObserverScores;
using scoring::SetScores;

/// More confusion matrices than this would make the page heavy.
constexpr std::size_t kMaximumConfusions = 24;

std::string render(const score::Table& table) {
  std::string head = "<tr>", body = "<tbody>\n";
  for (std::size_t i = 0; i < table.header.size(); ++i)
    head += fmt::format("<th scope=\"col\"{}>{}</th>", i < table.text_columns ? "" : " class=\"num\"",
                        html::breakable(table.header[i]));
  for (const auto& row : table.rows) {
    body += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string title = row[i].remark.empty() ? "" : fmt::format(" title=\"{}\"", escape(row[i].remark));
      if (i < table.text_columns)
        body += fmt::format("<th scope=\"row\"{}>{}</th>", title, html::breakable(row[i].text));
      else
        body += fmt::format("<td class=\"num{}\"{}>{}</td>", row[i].text == "n/a" ? " missing" : "", title,
                            escape(row[i].text));
    }
    body += "</tr>\n";
  }
  return html::table(table.caption, head + "</tr>", body + "</tbody>\n", "pin");
}

std::string benchmark_section(const scoring::Scores& scores) {
  if (!scores.benchmark) return "";
  return html::section("benchmark", "Benchmark of model-vs-human",
                       fmt::format("<p>{}</p>\n", escape(score::benchmark_sentence(*scores.benchmark))) +
                           render(score::benchmark_table(*scores.benchmark)));
}

std::string shape_bias_section(const scoring::Scores& scores, const std::map<std::string, std::string>& figures) {
  std::string body;
  for (const SetScores& set : scores.sets) {
    if (!set.cue_conflict) continue;
    body += fmt::format("<h3>{}</h3>\n", escape(set.name));
    if (const auto found = figures.find(score::shape_bias_figure_name(set)); found != figures.end())
      body +=
          html::figure(found->second,
                       "Shape decisions among shape and texture decisions by category of the shape, after figure 4 of "
                       "Geirhos et al. (2019); lines: each observer's shape bias over all trials.");
    body += render(score::shape_bias_table(set));
    body += html::details("By category", render(score::category_table(set)));
    if (score::model_pairs(set) > 0) body += html::details("Models in pairs", render(score::pair_table(set)));
  }
  return html::section("shape-bias", "Shape bias", body);
}

std::string set_section(const scoring::Scores& scores) {
  std::string body;
  const bool open = scores.sets.size() <= 3;
  for (const SetScores& set : scores.sets) {
    std::string part = render(score::overview_table(set));
    if (set.conditions.size() > 1) part += render(score::condition_table(set));
    if (score::model_pairs(set) > 0 && !set.cue_conflict) part += render(score::pair_table(set));
    body += open ? fmt::format("<h3>{}</h3>\n{}", escape(set.name), part) : html::details(set.name, part);
  }
  return html::section("sets", "Accuracy and consistency by set", body);
}

/// One row an observer, one column a set.
score::Table matrix(const scoring::Scores& scores, const char* caption,
                    const std::function<score::Cell(const SetScores&, const ObserverScores&)>& cell) {
  score::Table table{"matrix", caption, {"observer"}, {}, 1};
  std::vector<std::string> names;
  std::set<std::string> known;
  for (const bool human : {false, true})
    for (const SetScores& set : scores.sets)
      for (const ObserverScores* observer : score::models_and_humans(set))
        if (observer->human == human && known.insert(observer->name).second) names.push_back(observer->name);
  for (const SetScores& set : scores.sets) table.header.push_back(set.name);
  for (const std::string& name : names) {
    std::vector<score::Cell> row{{name}};
    for (const SetScores& set : scores.sets) {
      row.push_back({"", "no trials"});
      for (const ObserverScores* observer : score::models_and_humans(set))
        if (observer->name == name) row.back() = cell(set, *observer);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string summary_section(const scoring::Scores& scores) {
  if (scores.sets.size() < 2) return "";
  const auto cell = [](const Estimate& estimate, int decimals, double scale) {
    if (!estimate.value) return score::Cell{"n/a", estimate.method};
    std::string remark = estimate.method;
    if (estimate.low && estimate.high)
      remark = fmt::format("{} to {}, {}", decimal(scale * *estimate.low, decimals),
                           decimal(scale * *estimate.high, decimals), estimate.method);
    return score::Cell{decimal(scale * *estimate.value, decimals), remark};
  };
  std::string body =
      render(matrix(scores, "Accuracy over all trials of the set, %.",
                    [&](const SetScores&, const ObserverScores& o) { return cell(o.accuracy, 1, 100); }));
  const bool humans = std::any_of(scores.sets.begin(), scores.sets.end(),
                                  [](const SetScores& set) { return set.among_humans.kappa.value.has_value(); });
  if (humans)
    body += render(matrix(scores, "Error consistency with humans: kappa, mean over conditions and humans.",
                          [&](const SetScores& set, const ObserverScores& o) {
                            const bool pooled = set.humans && &o == &*set.humans;
                            return cell(pooled ? set.among_humans.kappa : o.with_humans.kappa, 3, 1);
                          }));
  return html::section("summary", "All sets", body);
}

std::string corruption_section(const scoring::Scores& scores) {
  std::string body;
  for (const auto& file : scores.corruptions)
    body += render(score::corruption_table(file)) +
            html::details("By corruption", render(score::corruption_error_table(file)));
  return html::section("corruptions", "Corruptions", body);
}

std::string confusion_section(const scoring::Scores& scores) {
  std::size_t count = 0;
  for (const SetScores& set : scores.sets) count += score::models_and_humans(set).size();
  std::string body;
  if (count > kMaximumConfusions)
    body = fmt::format("<p>Shown for cue-conflict sets; all {} matrices are in confusion.csv.</p>\n", count);
  for (const SetScores& set : scores.sets) {
    if (count > kMaximumConfusions && !set.cue_conflict) continue;
    for (const ObserverScores* observer : score::models_and_humans(set))
      body += html::details(set.name + ", " + observer->name, render(score::confusion_table(set, *observer)));
  }
  if (scores.sets.empty()) return "";
  return html::section("confusion", "Confusion matrices", body);
}

std::string methods_section(const scoring::Scores& scores) {
  const std::string bootstrap =
      scores.options.replicates > 0
          ? fmt::format(
                "Intervals of kappa and of differences: percentile bootstrap, {} replicates, seed {}; images are "
                "drawn with replacement within each condition and category, once for all observers of a set.",
                scores.options.replicates, scores.options.seed)
          : "No bootstrap was asked for: kappa and differences stand without intervals.";
  const std::string body = fmt::format(
      "<p>Accuracy: correct answers / trials; a trial without an answer (na) is wrong. Shape bias: shape / (shape + "
      "texture "
      "decisions) on trials whose two categories differ. Error consistency: observed = share of images that both or "
      "neither "
      "got right; expected = p<sub>1</sub>p<sub>2</sub> + (1 \u2212 p<sub>1</sub>)(1 \u2212 p<sub>2</sub>); kappa = "
      "(observed "
      "\u2212 expected) / (1 \u2212 expected), averaged over conditions. Entropy: of the answers, bits.</p>\n"
      "<p>{}</p>\n<p>Human observers: names that match <code>{}</code>.</p>\n",
      escape(bootstrap), escape(scores.options.humans));
  return html::section("methods", "Methods", body);
}

std::string input_section(const scoring::Scores& scores) {
  std::string body;
  if (const auto published = score::published_sentence(scores); !published.empty())
    body += fmt::format("<p>{}.</p>\n", escape(published));
  if (!scores.findings.empty()) {
    std::string list = "<ul>\n";
    for (const auto& finding : scores.findings) list += fmt::format("<li>{}</li>\n", escape(finding.sentence()));
    list += "</ul>\n";
    const std::string title =
        fmt::format("{} remark{} on the files", scores.findings.size(), scores.findings.size() == 1 ? "" : "s");
    body += scores.findings.size() > 12 ? html::details(title, list) : fmt::format("<p>{}:</p>\n{}", title, list);
  }
  return html::section("input", "Input", body);
}

std::string contents(const std::vector<std::pair<const char*, const char*>>& parts,
                     const std::vector<std::string>& texts) {
  std::string links;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!texts[i].empty()) links += fmt::format("<a href=\"#{}\">{}</a> ", parts[i].first, parts[i].second);
  return fmt::format("<nav class=\"contents\" aria-label=\"Contents\">{}</nav>\n", links);
}

}  // namespace

std::string score_html(const scoring::Scores& scores, const std::map<std::string, std::string>& figures,
                       bool gnuplot_missing) {
  const std::vector<std::pair<const char*, const char*>> parts{
      {"shape-bias", "Shape bias"},   {"benchmark", "Benchmark"}, {"summary", "All sets"}, {"sets", "Sets"},
      {"corruptions", "Corruptions"}, {"confusion", "Confusion"}, {"methods", "Methods"},  {"input", "Input"}};
  const std::vector<std::string> texts{
      shape_bias_section(scores, figures), benchmark_section(scores), summary_section(scores), set_section(scores),
      corruption_section(scores),          confusion_section(scores), methods_section(scores), input_section(scores)};
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"cuebench {}\">\n<title>cuebench "
      "score</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<header>\n<p class=\"eyebrow\">cuebench score</p>\n<h1>Answers of humans and "
      "machines</h1>\n<p>{}.</p>\n{}{}</header>\n"
      "<main>\n",
      escape(version()), html::kStyle, escape(score::what_was_scored(scores)),
      gnuplot_missing ? "<p class=\"warning\">Figures are missing: gnuplot is not installed.</p>\n" : "",
      contents(parts, texts));
  for (const std::string& text : texts) page += text;
  return page + fmt::format(
                    "</main>\n<footer>cuebench {}, revision {}. The same numbers, with every interval: score.json, "
                    "score.csv, confusion.csv.</footer>\n</body>\n</html>\n",
                    escape(version()), escape(revision()));
}

}  // namespace cuebench
