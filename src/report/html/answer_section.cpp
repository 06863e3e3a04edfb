#include <cctype>

#include <fmt/format.h>

#include "../headline.hpp"
#include "../text.hpp"
#include "markup.hpp"
#include "sections.hpp"

namespace cuebench::html {
namespace {

std::string answer(const PairComparison& pair) {
  std::string rest = pair.sentence;
  if (rest.starts_with(pair.answer)) rest.erase(0, pair.answer.size());
  constexpr std::string_view kDash = " \u2014 ";
  if (rest.starts_with(kDash)) rest.erase(0, kDash.size());
  if (!rest.empty()) rest.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(rest.front())));
  return fmt::format("<p class=\"answer {}\"><strong>{}.</strong> {}</p>\n", to_string(pair.verdict),
                     escape(pair.answer), escape(rest));
}

std::string architecture_note(const Page& page, const PairComparison& pair) {
  if (pair.same_architecture) return "";
  const auto& models = page.run().models;
  return fmt::format(
      "<p class=\"small soft\">{} is a {} and {} a {}: the difference mixes training and architecture.</p>\n",
      escape(models[pair.robust].name), escape(models[pair.robust].architecture), escape(models[pair.standard].name),
      escape(models[pair.standard].architecture));
}

std::string without_pairs(const Page& page) {
  std::string text;
  for (std::size_t model = 0; model < page.run().models.size(); ++model)
    text += fmt::format("<p class=\"answer\">{}</p>\n", escape(describe_model(static_cast<int>(model), page.summary)));
  return text +
         "<p class=\"small soft\">No two models are compared: give one <code>role=standard</code> and one "
         "<code>role=robust</code>, or name a pair with <code>--pair ROBUST:STANDARD</code>.</p>\n";
}

}  // namespace

std::string answers(const Page& page) {
  if (page.summary.pairs.empty()) return without_pairs(page);
  std::string text;
  for (const PairComparison& pair : page.summary.pairs) text += answer(pair) + architecture_note(page, pair);
  return text;
}

std::string warnings(const Page& page, bool gnuplot_missing) {
  const RunSummary& summary = page.summary;
  std::string text;
  const auto warn = [&](const std::string& sentence) {
    text += fmt::format("<p class=\"warning\">{}</p>\n", escape(sentence));
  };
  if (!summary.complete)
    warn(
        fmt::format("This run is unfinished: {} of {} blocks are done, and the numbers below are over the {} images "
                    "scored so far. The same `cuebench evaluate` command continues it.",
                    summary.items.finished_blocks, summary.items.blocks, summary.items.scored));
  if (page.manifest)
    for (const std::string& reason : page.manifest->invalid_reasons)
      warn("This run is marked invalid: " + reason + ".");
  if (summary.items.partial > 0)
    warn(fmt::format("{} images have no outcome for some model or variant and are left out of every score.",
                     summary.items.partial));
  if (summary.items.bad > 0)
    warn(fmt::format("{} of {} images could not be read; they are listed below and lower n.", summary.items.bad,
                     summary.items.total));
  for (std::size_t variant = 0; variant < summary.notes.size(); ++variant)
    if (const auto found = summary.notes[variant].find("mask=automatic"); found != summary.notes[variant].end())
      warn(fmt::format("{}: {} of {} masks were made automatically and may be wrong; give masks with --masks.",
                       page.labels[variant], found->second, summary.items.total));
  if (gnuplot_missing)
    warn(
        "gnuplot is not installed, so there are no figures; the tables are complete. Install gnuplot-nox and run "
        "`cuebench report` again.");
  return text;
}

}  // namespace cuebench::html
