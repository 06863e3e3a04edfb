#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

/// Cells that all class tables together may have; beyond, the classes that vary most are shown.
constexpr std::size_t kMaximumCells = 4000;

/// Largest minus smallest accuracy of a class over all models and variants.
double spread(const RunSummary& summary, std::size_t label) {
  double low = 1, high = 0;
  for (const VariantScores& scores : summary.scores) {
    const Measure& top1 = scores.class_top1[label];
    if (!top1.value) continue;
    low = std::min(low, *top1.value);
    high = std::max(high, *top1.value);
  }
  return high - low;
}

std::vector<std::size_t> classes_shown(const RunSummary& summary) {
  std::vector<std::size_t> classes;
  for (std::size_t label = 0; label < summary.description.classes.size(); ++label)
    if (!summary.scores.empty() && summary.scores.front().class_top1[label].n > 0) classes.push_back(label);
  const std::size_t fit = std::max<std::size_t>(10, kMaximumCells / std::max<std::size_t>(1, summary.scores.size()));
  if (classes.size() <= fit) return classes;
  std::stable_sort(classes.begin(), classes.end(),
                   [&](std::size_t a, std::size_t b) { return spread(summary, a) > spread(summary, b); });
  classes.resize(fit);
  std::sort(classes.begin(), classes.end());
  return classes;
}

std::string accuracy_cell(const Measure& measure) {
  if (!measure.value) return percent_cell(measure);
  const std::string interval = measure.low && measure.high ? fmt::format("{} to {} %, ", decimal(100 * *measure.low, 1),
                                                                         decimal(100 * *measure.high, 1))
                                                           : "";
  return fmt::format("<td class=\"num\"{} title=\"{}n = {}\">{}</td>", diverging_background(-(1 - *measure.value)),
                     interval, measure.n, decimal(100 * *measure.value, 1));
}

std::string class_table(const Page& page, int model, const std::vector<std::size_t>& classes) {
  std::string head = "<tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"num\">n</th>", body = "<tbody>";
  for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
    head += fmt::format("<th scope=\"col\" class=\"num\">{}</th>", page.variant(static_cast<int>(variant)));
  for (const std::size_t label : classes) {
    body += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td>", escape(page.run().classes[label]),
                        page.summary.score(model, 0).class_top1[label].n);
    for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
      body += accuracy_cell(page.summary.score(model, static_cast<int>(variant)).class_top1[label]);
    body += "</tr>\n";
  }
  return table(fmt::format("{}: top-1 accuracy in % by class. Intervals: metrics.csv.", page.run().models[model].name),
               head + "</tr>", body + "</tbody>\n", "pin");
}

}  // namespace

std::string class_section(const Page& page) {
  const std::vector<std::size_t> classes = classes_shown(page.summary);
  if (classes.empty()) return "";
  std::string body;
  if (classes.size() < page.run().classes.size())
    body += fmt::format("<p>{} of {} classes are shown, those whose accuracy varies most; metrics.csv has all.</p>\n",
                        classes.size(), page.run().classes.size());
  for (std::size_t model = 0; model < page.run().models.size(); ++model)
    body += details("By class: " + page.run().models[model].name, class_table(page, static_cast<int>(model), classes));
  return section("classes", "By class", body);
}

}  // namespace cuebench::html
