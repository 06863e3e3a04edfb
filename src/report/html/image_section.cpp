#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

constexpr std::size_t kMaximumBadImages = 200;
constexpr std::size_t kMaximumValues = 8;  ///< of one note key, listed one by one

std::string counts(const RunSummary& summary) {
  const ItemCounts& items = summary.items;
  std::string text = fmt::format("<dl><dt>Images in the run</dt><dd>{}</dd><dt>Scored by every model</dt><dd>{}</dd>",
                                 items.total, items.scored);
  const auto add = [&](const char* name, std::int64_t n) {
    if (n > 0) text += fmt::format("<dt>{}</dt><dd>{}</dd>", name, n);
  };
  add("Scored without a label", items.scored - items.labelled);
  add("Could not be read", items.bad);
  add("Not done yet", items.pending);
  add("Without some outcome", items.partial);
  if (summary.left_out.images > 0)
    text += fmt::format(
        "<dt>Not in the run, since a model has no output for their label, shape or texture ({})</dt>"
        "<dd>{}</dd>",
        escape(join_names(summary.left_out.classes)), summary.left_out.images);
  return text + "</dl>\n";
}

/// "key=value" -> "key=*" for keys with many values, such as the style that was drawn.
std::map<std::string, std::int64_t> condensed(const std::map<std::string, std::int64_t>& notes) {
  std::map<std::string, std::set<std::string>> values;
  const auto key_of = [](const std::string& note) { return note.substr(0, note.find('=')); };
  for (const auto& [note, images] : notes) values[key_of(note)].insert(note);
  std::map<std::string, std::int64_t> result;
  for (const auto& [note, images] : notes) {
    const std::size_t distinct = values.at(key_of(note)).size();
    result[distinct > kMaximumValues ? fmt::format("{}: {} different values", key_of(note), distinct) : note] += images;
  }
  return result;
}

std::string note_table(const Page& page) {
  std::string body;
  for (std::size_t variant = 0; variant < page.summary.notes.size(); ++variant)
    for (const auto& [note, images] : condensed(page.summary.notes[variant]))
      body += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"num\">{}</td></tr>\n",
                          page.variant(static_cast<int>(variant)), escape(note), images);
  if (body.empty()) return "";
  return table(
      "What the variants noted about images.",
      "<tr><th scope=\"col\">Variant</th><th scope=\"col\">Note</th><th scope=\"col\" class=\"num\">Images</th></tr>",
      "<tbody>" + body + "</tbody>\n");
}

std::string bad_image_table(const Page& page) {
  const auto& bad = page.summary.bad_images;
  if (bad.empty()) return "<p>Every image could be read.</p>\n";
  std::string body;
  for (std::size_t i = 0; i < std::min(bad.size(), kMaximumBadImages); ++i)
    body += fmt::format("<tr><td>{}</td><td class=\"num\">{}</td><td>{}</td></tr>\n", escape(bad[i].second.path),
                        bad[i].second.bytes, escape(bad[i].second.reason));
  std::string text = table(
      fmt::format("{} image{} could not be read and count in no score.", bad.size(), bad.size() == 1 ? "" : "s"),
      "<tr><th scope=\"col\">File</th><th scope=\"col\" class=\"num\">Bytes</th><th scope=\"col\">Reason</th></tr>",
      "<tbody>" + body + "</tbody>\n");
  if (bad.size() > kMaximumBadImages)
    text += fmt::format("<p>The first {} are shown; bad_images.csv has all.</p>\n", kMaximumBadImages);
  return text;
}

}  // namespace

std::string image_section(const Page& page) {
  return section("images", "Images and notes", counts(page.summary) + bad_image_table(page) + note_table(page));
}

}  // namespace cuebench::html
