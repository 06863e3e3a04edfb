#include <array>

#include <fmt/format.h>

#include <cuebench/core/version.hpp>
#include <cuebench/report/report.hpp>

#include "../text.hpp"
#include "../variant_label.hpp"
#include "markup.hpp"
#include "sections.hpp"
#include "style.hpp"

namespace cuebench {
namespace html {

std::string Page::model(int index) const {
  return fmt::format("<span class=\"swatch\" style=\"color:{}\">{}</span>{}", styles.at(index).colour,
                     styles.at(index).symbol, escape(run().models.at(index).name));
}

std::string Page::variant(int index) const {
  return fmt::format("<span title=\"{}\">{}</span>", escape(run().variants.at(index).text),
                     breakable(labels.at(index)));
}

std::string Page::drawing(const std::string& name) const {
  const auto found = figures.find(name);
  return found == figures.end() ? "" : found->second;
}

namespace {

std::string title(const Page& page) {
  const auto& models = page.run().models;
  if (page.summary.pairs.size() == 1) {
    const PairComparison& pair = page.summary.pairs.front();
    return fmt::format("Shape or texture: {} against {}", models[pair.robust].name, models[pair.standard].name);
  }
  std::vector<std::string> names;
  for (const StoredModel& model : models) names.push_back(model.name);
  return "Shape or texture: " + join_names(names);
}

std::string badge(const Page& page) {
  const bool valid = page.summary.complete && (!page.manifest || page.manifest->invalid_reasons.empty());
  if (!page.summary.complete) return "<span class=\"badge bad\">unfinished</span>";
  return valid ? "<span class=\"badge good\">valid</span>" : "<span class=\"badge bad\">invalid</span>";
}

struct Part {
  const char* id;
  const char* name;
  std::string text;
};

std::string contents(const std::vector<Part>& parts) {
  std::string links;
  for (const Part& part : parts)
    if (!part.text.empty()) links += fmt::format("<a href=\"#{}\">{}</a> ", part.id, part.name);
  return fmt::format("<nav class=\"contents\" aria-label=\"Contents\">{}</nav>\n", links);
}

}  // namespace
}  // namespace html

std::string report_html(const RunSummary& summary, const std::optional<Manifest>& manifest,
                        const std::map<std::string, std::string>& figures, bool gnuplot_missing) {
  const html::Page page{summary, manifest, figures, model_styles(summary.description.models),
                        variant_labels(summary.description)};
  const std::vector<html::Part> parts{{"comparison", "Comparison", html::comparison_section(page)},
                                      {"accuracy", "Accuracy", html::accuracy_section(page)},
                                      {"strength", "Strength", html::sweep_section(page)},
                                      {"corruptions", "Corruptions", html::corruption_section(page)},
                                      {"shape-bias", "Shape bias", html::shape_bias_section(page)},
                                      {"aggregation", "Categories", html::aggregation_section(page)},
                                      {"channels", "Channels", html::channel_section(page)},
                                      {"interventions", "Interventions", html::intervention_section(page)},
                                      {"pictures", "Pictures", html::picture_section(page)},
                                      {"classes", "Classes", html::class_section(page)},
                                      {"images", "Images", html::image_section(page)},
                                      {"methods", "Methods", html::methods_section(page)},
                                      {"provenance", "Provenance", html::provenance_section(page)}};
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"cuebench {}\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
      html::escape(version()), html::escape(html::title(page)), html::kStyle);
  text += fmt::format("<header>\n<p class=\"eyebrow\">cuebench report{}</p>\n<h1>{}</h1>\n{}{}{}</header>\n<main>\n",
                      html::badge(page), html::escape(html::title(page)), html::answers(page),
                      html::warnings(page, gnuplot_missing), html::contents(parts));
  for (const html::Part& part : parts) text += part.text;
  text += fmt::format(
      "</main>\n<footer>cuebench {}, revision {}. The same numbers, with every interval: results.json, metrics.csv{}."
      "</footer>\n</body>\n</html>\n",
      html::escape(version()), html::escape(revision()), summary.channels.empty() ? "" : ", channels.csv");
  return text;
}

}  // namespace cuebench
