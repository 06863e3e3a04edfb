#include <algorithm>

#include <fmt/format.h>

#include <cuebench/core/version.hpp>
#include <cuebench/report/comparison.hpp>

#include "../aligned_columns.hpp"
#include "../html/markup.hpp"
#include "../html/style.hpp"
#include "../model_style.hpp"
#include "../strata.hpp"
#include "../text.hpp"
#include "../variant_label.hpp"

namespace cuebench {
namespace {

using html::escape;

/// More images than this of one variant are in the CSV file only.
constexpr std::size_t kShownImages = 12;
/// Base64 text that thumbnails may take in all.
constexpr std::size_t kMaximumPictureBytes = 3'000'000;

/// Short names of the variants of all runs together, as in each run's own report where they are the same.
std::vector<std::pair<std::string, std::string>> labels_of_variants(const RunComparison& comparison) {
  RunDescription all;
  for (const ComparedRun& run : comparison.runs)
    for (const StoredVariant& variant : run.description.variants)
      if (std::none_of(all.variants.begin(), all.variants.end(),
                       [&](const StoredVariant& known) { return known.text == variant.text; }))
        all.variants.push_back(variant);
  const std::vector<std::string> labels = variant_labels(all);
  std::vector<std::pair<std::string, std::string>> result;
  for (std::size_t i = 0; i < labels.size(); ++i) result.emplace_back(all.variants[i].text, labels[i]);
  return result;
}

std::string label_of(const std::vector<std::pair<std::string, std::string>>& labels, const std::string& text) {
  const auto found = std::find_if(labels.begin(), labels.end(), [&](const auto& entry) { return entry.first == text; });
  return found == labels.end() ? text : found->second;
}

int variant_of(const ComparedRun& run, const std::string& text) {
  for (std::size_t variant = 0; variant < run.description.variants.size(); ++variant)
    if (run.description.variants[variant].text == text) return static_cast<int>(variant);
  return -1;
}

class ComparisonPage {
 public:
  ComparisonPage(const RunComparison& comparison, std::string images_csv)
      : comparison_(comparison), images_csv_(std::move(images_csv)), labels_(labels_of_variants(comparison)) {
    for (const ComparedRun& run : comparison.runs) styles_.push_back(model_styles(run.description.models));
  }

  std::string write() {
    const std::string accuracy = accuracy_section(), agreement = agreement_section(), images = image_section();
    const std::string title = this->title();
    std::string text = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"generator\" content=\"cuebench {}\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
        "<header>\n<p class=\"eyebrow\">cuebench comparison</p>\n<h1>{}</h1>\n{}{}</header>\n<main>\n",
        escape(version()), escape(title), html::kStyle, escape(title), facts(), contents(agreement, images));
    text += accuracy + agreement + images + methods_section();
    return text +
           fmt::format(
               "</main>\n<footer>cuebench {}, revision {}. The same numbers with every interval lie beside this "
               "page as JSON and CSV; {} lists every image on which two sides differ.</footer>\n</body>\n</html>\n",
               escape(version()), escape(revision()), escape(images_csv_));
  }

 private:
  std::string title() const {
    std::vector<std::string> names;
    for (const ComparedRun& run : comparison_.runs) names.push_back(run.name);
    if (names.size() == 1) {
      for (const DecisionAgreement& agreement : comparison_.agreements)
        if (std::find(names.begin(), names.end(), agreement.second_name) == names.end())
          names.push_back(agreement.second_name);
      if (names.size() > 4) names = {names.front(), fmt::format("{} observers", names.size() - 1)};
    }
    return join_names(names) + ", image by image";
  }

  std::string facts() const {
    std::string differing, same;
    for (const ComparisonFact& fact : comparison_.facts)
      (fact.same ? same : differing) +=
          fmt::format("<li><strong>{}</strong>: {}.</li>\n", escape(fact.what), escape(fact.text));
    for (const scoring::Finding& finding : comparison_.findings)
      differing += fmt::format("<li>{}</li>\n", escape(finding.sentence()));
    std::string text;
    if (!differing.empty())
      text +=
          fmt::format("<div class=\"facts bad\"><p><strong>Not the same</strong></p><ul>\n{}</ul></div>\n", differing);
    if (!same.empty())
      text += fmt::format("<div class=\"facts\"><p><strong>The same</strong></p><ul>\n{}</ul></div>\n", same);
    return text;
  }

  static std::string contents(const std::string& agreement, const std::string& images) {
    std::string links = "<a href=\"#accuracy\">Accuracy</a> ";
    if (!agreement.empty()) links += "<a href=\"#agreement\">Agreement</a> ";
    if (!images.empty()) links += "<a href=\"#images\">Images that differ</a> ";
    return fmt::format("<nav class=\"contents\" aria-label=\"Contents\">{}<a href=\"#methods\">Methods</a></nav>\n",
                       links);
  }

  std::string variant(const std::string& text) const {
    return fmt::format("<span title=\"{}\">{}</span>", escape(text), html::breakable(label_of(labels_, text)));
  }

  std::string accuracy_section() const {
    std::string over, names;
    for (std::size_t run = 0; run < comparison_.runs.size(); ++run) {
      const ComparedRun& of = comparison_.runs[run];
      const std::size_t models = of.description.models.size();
      over += fmt::format("<th scope=\"colgroup\" colspan=\"{}\"{}>{}<small class=\"soft\"><br>{} images</small></th>",
                          models, run ? " class=\"edge\"" : "", html::breakable(of.name), of.items.labelled);
      for (std::size_t model = 0; model < models; ++model)
        names +=
            fmt::format("<th scope=\"col\" class=\"num{}\"><span class=\"swatch\" style=\"color:{}\">{}</span>{}</th>",
                        run && model == 0 ? " edge" : "", styles_[run][model].colour, styles_[run][model].symbol,
                        html::breakable(of.description.models[model].name));
    }
    std::string body = "<tbody>";
    for (const auto& [text, label] : labels_) {
      body += fmt::format("<tr><th scope=\"row\">{}</th>", variant(text));
      for (std::size_t run = 0; run < comparison_.runs.size(); ++run) body += accuracy_cells(run, text);
      body += "</tr>\n";
    }
    return html::section(
        "accuracy", "Accuracy of every run",
        html::table(
            "Top-1 accuracy with Wilson 95 % intervals, over the images that all models of a run scored under all "
            "of its variants; a dash: the run has no such variant.",
            fmt::format("<tr><th scope=\"col\" rowspan=\"2\">Variant</th>{}</tr><tr>{}</tr>", over, names),
            body + "</tbody>\n", "pin"));
  }

  std::string accuracy_cells(std::size_t run, const std::string& text) const {
    const ComparedRun& of = comparison_.runs[run];
    const int variant = variant_of(of, text);
    std::string cells;
    for (std::size_t model = 0; model < of.description.models.size(); ++model) {
      const bool edge = run > 0 && model == 0;
      cells += variant < 0 ? fmt::format("<td class=\"num missing{}\">\u2013</td>", edge ? " edge" : "")
                           : html::percent_cell(of.score(static_cast<int>(model), variant).top1, {.edge = edge});
    }
    return cells;
  }

  static std::string side(const std::string& name, const std::string& source) {
    return fmt::format("{} <span class=\"soft\">({})</span>", escape(name), escape(source));
  }

  std::string agreement_row(const VariantAgreement& of) const {
    const auto p = [](const Measure& measure) {
      return measure.value ? escape(p_value(*measure.value)) : std::string("n/a");
    };
    const std::string test = of.mcnemar_p.value ? fmt::format("<td class=\"num\">{}<small>Holm {}</small></td>",
                                                              p(of.mcnemar_p), p(of.holm_p))
                                                : html::number_cell(of.mcnemar_p, 3);
    const std::string kappa = !of.kappa.value
                                  ? html::number_cell(of.kappa, 3, {.edge = true})
                                  : fmt::format("<td class=\"num edge\">{}{}</td>", decimal(*of.kappa.value, 3),
                                                of.kappa.low && of.kappa.high
                                                    ? fmt::format("<small>{} to {}</small>", decimal(*of.kappa.low, 3),
                                                                  decimal(*of.kappa.high, 3))
                                                    : "");
    return fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td>{}<td class=\"num\">{}</td>{}{}{}"
        "<td class=\"num\">{}</td><td class=\"num\">{}</td>{}</tr>\n",
        variant(of.variant), of.identical.n, html::percent_cell(of.identical), of.differing.size(),
        html::percent_cell(of.first_top1, {.edge = true}), html::percent_cell(of.second_top1), kappa,
        of.right.only_first, of.right.only_second, test);
  }

  std::string agreement_section() const {
    std::string body;
    for (const DecisionAgreement& sides : comparison_.agreements) {
      body += fmt::format("<h3>{} and {}</h3>\n", side(sides.first_name, sides.first_source),
                          side(sides.second_name, sides.second_source));
      if (sides.variants.empty()) {
        body += "<p>The two runs have no variant in common.</p>\n";
        continue;
      }
      std::string rows = "<tbody>";
      for (const VariantAgreement& of : sides.variants) rows += agreement_row(of);
      body += html::table(
          fmt::format("First: {} ({}); second: {} ({}); matched by {}. 95 % intervals in small type.", sides.first_name,
                      sides.first_source, sides.second_name, sides.second_source, sides.matched_by),
          "<tr><th scope=\"col\">Variant</th><th scope=\"col\" class=\"num\">Images</th>"
          "<th scope=\"col\" class=\"num\">Same decision</th><th scope=\"col\" class=\"num\">Images that differ</th>"
          "<th scope=\"col\" class=\"num edge\">First right</th><th scope=\"col\" class=\"num\">Second right</th>"
          "<th scope=\"col\" class=\"num edge\">Kappa</th><th scope=\"col\" class=\"num\">Only first right</th>"
          "<th scope=\"col\" class=\"num\">Only second right</th><th scope=\"col\" class=\"num\">McNemar</th></tr>",
          rows + "</tbody>\n", "pin");
    }
    if (comparison_.agreements.empty())
      body =
          "<p>No model of one run has the name or the file of a model of another: there is nothing to compare image by "
          "image.</p>\n";
    return html::section("agreement", "Agreement image by image", body);
  }

  std::string image_row(const DifferingImage& image, bool pictures) {
    std::string picture;
    if (!image.png.empty() && picture_bytes_ < kMaximumPictureBytes) {
      const std::string text = html::base64(image.png);
      picture_bytes_ += text.size();
      picture = fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", escape(image.image), text);
    }
    const auto said = [&](const std::string& answer, bool right) {
      if (image.label.empty()) return fmt::format("<td>{}</td>", escape(answer));
      return fmt::format("<td class=\"{}\">{} {}</td>", right ? "right" : "wrong", right ? "\u2713" : "\u2717",
                         escape(answer));
    };
    return fmt::format("<tr>{}<th scope=\"row\">{}</th><td>{}</td>{}{}</tr>\n",
                       pictures ? "<td>" + picture + "</td>" : "", html::breakable(image.image),
                       escape(image.label.empty() ? "no label" : image.label), said(image.first, image.first_right),
                       said(image.second, image.second_right));
  }

  /// Those with a picture first, then in the order of the data.
  std::string image_table(const DecisionAgreement& sides, const VariantAgreement& of) {
    std::vector<const DifferingImage*> order;
    for (const DifferingImage& image : of.differing) order.push_back(&image);
    std::stable_partition(order.begin(), order.end(), [](const auto* image) { return !image->png.empty(); });
    const std::size_t shown = std::min(order.size(), kShownImages);
    const bool pictures = !order.front()->png.empty();
    std::string rows = "<tbody>";
    for (std::size_t i = 0; i < shown; ++i) rows += image_row(*order[i], pictures);
    std::string caption = fmt::format("{} of {} images that differ", shown, order.size());
    if (shown < order.size()) caption += fmt::format("; all are in {}", images_csv_);
    return html::table(
        caption + ".",
        fmt::format("<tr>{}<th scope=\"col\">Image</th>"
                    "<th scope=\"col\">Label</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr>",
                    pictures ? "<th scope=\"col\">Picture</th>" : "",
                    escape(sides.first_name + ", " + sides.first_source),
                    escape(sides.second_name + ", " + sides.second_source)),
        rows + "</tbody>\n", "images");
  }

  std::string image_section() {
    std::string body;
    for (const DecisionAgreement& sides : comparison_.agreements) {
      std::string parts;
      for (const VariantAgreement& of : sides.variants)
        if (!of.differing.empty())
          parts += html::details(
              fmt::format("{}: {} of {} differ", label_of(labels_, of.variant), of.differing.size(), of.identical.n),
              image_table(sides, of));
      if (parts.empty()) continue;
      body += fmt::format("<h3>{} and {}</h3>\n{}", side(sides.first_name, sides.first_source),
                          side(sides.second_name, sides.second_source), parts);
    }
    return html::section("images", "Images that differ", body);
  }

  std::string methods_section() const {
    return html::section(
        "methods", "How the numbers are made",
        fmt::format(
            "<dl><dt>Same decision</dt><dd>Share of the images that both sides decided on for which both say the same "
            "class, by name. Interval: Wilson, 95 %.</dd>\n"
            "<dt>Kappa</dt><dd>Error consistency on labelled images: observed = share that both or neither got right; "
            "expected = p<sub>1</sub>p<sub>2</sub> + (1 \u2212 p<sub>1</sub>)(1 \u2212 p<sub>2</sub>); kappa = "
            "(observed "
            "\u2212 expected) / (1 \u2212 expected), and 1 where observed is 1. Interval: percentile bootstrap of the "
            "images, {} replicates, seed {}, within each class where every class has at least {} images.</dd>\n"
            "<dt>McNemar</dt><dd>Exact two-sided test on the images that only one side got right; Holm's adjustment "
            "over "
            "the variants of the two sides (Benjamini and Hochberg's is in the CSV and JSON files).</dd></dl>\n",
            comparison_.bootstrap.replicates, comparison_.bootstrap.seed, kMinimumStratum));
  }

  const RunComparison& comparison_;
  std::string images_csv_;
  std::vector<std::pair<std::string, std::string>> labels_;
  std::vector<std::vector<ModelStyle>> styles_;
  std::size_t picture_bytes_ = 0;
};

}  // namespace

std::string comparison_html(const RunComparison& comparison, const std::string& images_csv_name) {
  return ComparisonPage(comparison, images_csv_name).write();
}

std::string comparison_text(const RunComparison& comparison) {
  std::string text;
  for (const ComparisonFact& fact : comparison.facts)
    text += fmt::format("{} {}: {}\n", fact.same ? "same " : "DIFFERS", fact.what, valid_utf8(fact.text));
  const auto labels = labels_of_variants(comparison);
  for (const DecisionAgreement& sides : comparison.agreements) {
    text += valid_utf8(fmt::format("\n{} ({}) and {} ({}), matched by {}\n", sides.first_name, sides.first_source,
                                   sides.second_name, sides.second_source, sides.matched_by));
    std::vector<std::vector<std::string>> rows{
        {"variant", "images", "same", "differ", "first", "second", "kappa", "95 %", "McNemar", "Holm"}};
    const auto p = [](const Measure& measure) {
      if (!measure.value) return std::string("n/a");
      return *measure.value < 0.001 ? std::string("<0.001") : decimal(*measure.value, 3);
    };
    for (const VariantAgreement& of : sides.variants)
      rows.push_back({valid_utf8(label_of(labels, of.variant)), std::to_string(of.identical.n), percent(of.identical),
                      std::to_string(of.differing.size()), percent(of.first_top1), percent(of.second_top1),
                      of.kappa.value ? decimal(*of.kappa.value, 3) : "n/a",
                      of.kappa.low && of.kappa.high
                          ? fmt::format("[{}, {}]", decimal(*of.kappa.low, 3), decimal(*of.kappa.high, 3))
                          : "",
                      p(of.mcnemar_p), p(of.holm_p)});
    text += align_columns(rows, 1);
  }
  if (comparison.agreements.empty()) text += "\nno model of one run has the name or the file of a model of another\n";
  return text;
}

}  // namespace cuebench
