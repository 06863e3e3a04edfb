#include <fmt/format.h>

#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

/// Base64 text that the pictures may take; further images are left out.
constexpr std::size_t kMaximumBytes = 1'200'000;

std::string say(const Page& page, int model, const PictureSummary::Answer& answer) {
  return fmt::format(
      "<span class=\"say {}\" title=\"{}: {} with confidence {:.2f}\"><span style=\"color:{}\">{}</span> {} {}</span>",
      answer.correct ? "right" : "wrong", escape(page.run().models[model].name),
      escape(page.summary.class_name(answer.predicted)), answer.confidence, page.styles[model].colour,
      page.styles[model].symbol, answer.correct ? "\u2713" : "\u2717",
      escape(page.summary.class_name(answer.predicted)));
}

std::string cell(const Page& page, const PictureSummary& picture, int variant) {
  for (const PictureSummary::Frame& frame : picture.frames) {
    if (frame.variant != variant) continue;
    std::string text =
        fmt::format("<td><img alt=\"{}, {}\" src=\"data:image/png;base64,{}\">",
                    escape(page.run().items[picture.item].id), escape(page.labels[variant]), base64(frame.png));
    for (std::size_t model = 0; model < frame.answers.size(); ++model)
      text += say(page, static_cast<int>(model), frame.answers[model]);
    return text + "</td>";
  }
  return "<td></td>";
}

}  // namespace

std::string picture_section(const Page& page) {
  if (page.summary.pictures.empty()) return "";
  std::string head = "<tr><th scope=\"col\">Image</th>", rows;
  for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
    head += fmt::format("<th scope=\"col\">{}</th>", page.variant(static_cast<int>(variant)));
  std::size_t shown = 0;
  for (const PictureSummary& picture : page.summary.pictures) {
    const StoredItem& item = page.run().items.at(picture.item);
    const std::string label = page.summary.class_name(item.label);
    std::string row = fmt::format("<tr><th scope=\"row\">{}<small class=\"soft\"><br>{}</small></th>",
                                  escape(label.empty() ? "no label" : label), escape(item.id));
    for (std::size_t variant = 0; variant < page.run().variants.size(); ++variant)
      row += cell(page, picture, static_cast<int>(variant));
    if (!rows.empty() && rows.size() + row.size() > kMaximumBytes) break;
    rows += row + "</tr>\n";
    ++shown;
  }
  std::string caption = "The same images under every variant, with each model's answer: \u2713 right, \u2717 wrong. ";
  for (std::size_t model = 0; model < page.run().models.size(); ++model)
    caption += fmt::format("{}{}\u00A0{}", model ? ", " : "", page.styles[model].symbol, page.run().models[model].name);
  if (shown < page.summary.pictures.size())
    caption +=
        fmt::format(". {} further images are left out to keep this file small", page.summary.pictures.size() - shown);
  return section("pictures", "What the models saw and said",
                 table(caption + ".", head + "</tr>", "<tbody>" + rows + "</tbody>\n", "strip pin"));
}

}  // namespace cuebench::html
