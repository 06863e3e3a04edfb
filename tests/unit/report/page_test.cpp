// The page is well formed, needs nothing from outside, escapes every name, and works without gnuplot.

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>
#include <cuebench/report/report.hpp>

#include "../../../src/report/figures/gnuplot.hpp"
#include "../../../src/report/html/markup.hpp"
#include "synthetic_run.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::SyntheticRun;

/// A strict little reader: every element closed in order, attributes quoted, ids unique. Fills `text` without tags.
class Reader {
 public:
  explicit Reader(std::string_view page) : page_(page) { read(); }
  std::string text, problem;
  std::set<std::string> ids;
  std::vector<std::string> elements;

 private:
  void fail(const std::string& what, std::size_t at) {
    if (problem.empty()) problem = what + " near: " + std::string(page_.substr(at, 120));
  }

  void read() {
    for (std::size_t at = 0; at < page_.size() && problem.empty();) {
      if (page_[at] != '<') {
        text += page_[at++];
        continue;
      }
      const std::size_t end = end_of_tag(at);
      if (end == std::string_view::npos) return fail("tag without end", at);
      tag(page_.substr(at + 1, end - at - 1), at);
      at = end + 1;
      if (!open_.empty() && open_.back() == "style") at = page_.find("</style>", at);
    }
    if (!open_.empty()) fail("never closed: " + open_.back(), page_.size() - 1);
    for (const std::string& link : links_)
      if (!ids.contains(link)) fail("leads nowhere: #" + link, 0);
  }

  /// Position of the '>' that ends the tag at `at`, outside quotes.
  std::size_t end_of_tag(std::size_t at) const {
    char quote = 0;
    for (; at < page_.size(); ++at) {
      const char c = page_[at];
      if (quote) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        return at;
      }
    }
    return std::string_view::npos;
  }

  void tag(std::string_view body, std::size_t at) {
    if (body.starts_with('!')) return;
    if (body.starts_with('/')) {
      if (open_.empty() || open_.back() != body.substr(1)) return fail("closes what is not open", at);
      open_.pop_back();
      return;
    }
    std::size_t i = 0;
    while (i < body.size() && (std::isalnum(static_cast<unsigned char>(body[i])))) ++i;
    const std::string name(body.substr(0, i));
    if (name.empty()) return fail("no element name", at);
    elements.push_back(name);
    const bool empty = body.ends_with('/') || name == "meta" || name == "img" || name == "br" || name == "wbr";
    attributes(body.substr(i, body.size() - i - (body.ends_with('/') ? 1 : 0)), at);
    if (!empty) open_.push_back(name);
  }

  void attributes(std::string_view rest, std::size_t at) {
    while (true) {
      const std::size_t begin = rest.find_first_not_of(" \n\t\r");
      if (begin == std::string_view::npos) return;
      const std::size_t equals = rest.find('=', begin);
      const std::size_t open = rest.find_first_not_of(" \n\t\r", equals + 1);
      if (equals == std::string_view::npos || open == std::string_view::npos)
        return fail("attribute without value", at);
      const std::string_view padded = rest.substr(begin, equals - begin);
      const std::string name(padded.substr(0, padded.find_last_not_of(" \n\t\r") + 1));
      const char quote = rest[open];
      if (quote != '"' && quote != '\'') return fail("attribute without quotes", at);
      const std::size_t end = rest.find(quote, open + 1);
      if (end == std::string_view::npos) return fail("attribute without end", at);
      const std::string_view value = rest.substr(open + 1, end - open - 1);
      if (value.find('<') != std::string_view::npos) return fail("< in attribute", at);
      if (name == "id" && !ids.insert(std::string(value)).second) return fail("id twice: " + std::string(value), at);
      if (name.starts_with("on")) return fail("event attribute", at);
      const bool outside = (name == "src" && !value.starts_with("data:image/png;base64,")) ||
                           ((name == "href" || name == "xlink:href") && !value.starts_with('#'));
      if (outside) return fail("refers to the outside: " + std::string(value), at);
      if (name == "href" || name == "xlink:href") links_.emplace_back(value.substr(1));
      rest.remove_prefix(end + 1);
    }
  }

  std::string_view page_;
  std::vector<std::string> open_, links_;
};

SyntheticRun hostile_run() {
  SyntheticRun run =
      SyntheticRun::pair({{"silhouette:a=1", "shape"}, {"shuffle:k=2", "texture"}, {"shuffle:k=4", "texture"}},
                         {"<b>&\"cat\"", "dog 'old'", "`id`", "]]>", "five", "six"}, 60);
  run.description.models[0].name = "a<script>alert(1)</script>&\"'";
  run.description.models[1].name = "b`touch gnuplot-was-here`\\'\"$x@y{/Bold z}";
  run.description.layers = {{0, "layer<4>", 4, "closed"}, {1, "layer<4>", 4, "closed"}};
  run.description.items[5].id = "<img src=x onerror=alert(1)>\xFF.png";
  run.description.has_cues = true;
  for (auto& item : run.description.items) {
    item.shape_label = item.label;
    item.texture_label = (item.label + 1) % 6;
  }
  run.bad_images = {{7, {"<b>.png", 12, "<i>reason</i>"}}};
  run.notes = {{3, 1, "mask=automatic"}, {4, 1, "<u>note</u>"}};
  run.pictures = {{5, 0, test::tiny_png(1)}, {5, 1, test::tiny_png(2)}};
  run.outcome = [](std::int64_t item, int model, int variant) -> std::optional<Outcome> {
    if (item == 7) return std::nullopt;
    return test::answer((item / 6 + model) % (2 + variant) != 0, static_cast<int>(item % 6), 6);
  };
  run.relevance = [](int label, int) { return std::vector<double>{1.0, -1.0, 0.5 * label, -0.25}; };
  run.activation = [](std::int64_t item, int, int variant) {
    return std::vector<double>{1.0 + double(item % 3), 0.5 * variant, 1.0, double(item % 2)};
  };
  return run;
}

std::string page_of(const SyntheticRun& run, const ReportOptions& options = {}) {
  const test::TemporaryFolder folder;
  run.store(folder.path());
  write_report(folder.path(), options);
  return read_text_file(folder.path() / "report.html");
}

bool gnuplot_is_here() {
  return draw_with_gnuplot("gnuplot", "plot 1", 100, 100).status == DrawingStatus::drawn;
}

TEST(Page, IsWellFormedAndSelfContainedWithHostileNames) {
  const std::string page = page_of(hostile_run());
  const Reader reader(page);
  EXPECT_EQ(reader.problem, "");
  for (const std::string& element : reader.elements) {
    EXPECT_NE(element, "script");
    EXPECT_NE(element, "link");
    EXPECT_NE(element, "iframe");
    EXPECT_NE(element, "u");
    EXPECT_NE(element, "i");
  }
  EXPECT_EQ(page.find("http://"), page.find("http://www.w3.org/"));  // only SVG's name spaces
  EXPECT_NE(reader.text.find("a&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), std::string::npos);
  EXPECT_EQ(page.find('\xFF'), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists("gnuplot-was-here"));
}

TEST(Page, OfARealisticRunIsWellFormedAndHasEverySection) {
  const std::string page = page_of(test::realistic_run(300));
  const Reader reader(page);
  EXPECT_EQ(reader.problem, "");
  for (const char* id :
       {"comparison", "accuracy", "channels", "pictures", "classes", "images", "methods", "provenance"})
    EXPECT_TRUE(reader.ids.contains(id)) << id;
  EXPECT_EQ(reader.ids.contains("strength"), gnuplot_is_here());
  EXPECT_FALSE(reader.ids.contains("shape-bias"));  // no cue labels
  EXPECT_NE(reader.text.find("masks were made automatically"), std::string::npos);
}

TEST(Page, WithoutGnuplotHasTablesAndSaysSo) {
  ReportOptions options;
  options.gnuplot = "no-such-program-as-gnuplot";
  const std::string page = page_of(hostile_run(), options);
  const Reader reader(page);
  EXPECT_EQ(reader.problem, "");
  EXPECT_EQ(page.find("<svg"), std::string::npos);
  EXPECT_NE(reader.text.find("gnuplot is not installed"), std::string::npos);
  EXPECT_TRUE(reader.ids.contains("comparison"));
}

TEST(Page, OfUnfinishedEmptyAndSingleModelRunsIsWellFormed) {
  SyntheticRun unfinished = hostile_run();
  unfinished.finished_blocks = 1;
  const std::string page = page_of(unfinished);
  EXPECT_EQ(Reader(page).problem, "");
  EXPECT_NE(page.find("This run is unfinished: 1 of 2 blocks"), std::string::npos);
  SyntheticRun empty = hostile_run();
  empty.finished_blocks = 0;
  EXPECT_EQ(Reader(page_of(empty)).problem, "");
  SyntheticRun single = hostile_run();
  single.description.models.pop_back();
  single.description.layers.pop_back();
  const std::string one = page_of(single);
  EXPECT_EQ(Reader(one).problem, "");
  EXPECT_NE(one.find("No two models are compared"), std::string::npos);
  SyntheticRun clean_only = hostile_run();
  clean_only.description.variants.resize(1);
  clean_only.notes.clear();
  clean_only.pictures.clear();
  EXPECT_EQ(Reader(page_of(clean_only)).problem, "");
}

TEST(Page, ReaderOfThisTestFindsFaults) {
  EXPECT_NE(Reader("<p><b></p>").problem, "");
  EXPECT_NE(Reader("<p id=\"a\"></p><p id=\"a\"></p>").problem, "");
  EXPECT_NE(Reader("<p class=a></p>").problem, "");
  EXPECT_NE(Reader("<img src=\"http://example.org/x.png\">").problem, "");
  EXPECT_NE(Reader("<p>").problem, "");
  EXPECT_EQ(Reader("<p class=\"a\">x<br>y</p>").problem, "");
}

TEST(Markup, EscapesWhatHasMeaning) {
  EXPECT_EQ(html::escape("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  EXPECT_EQ(html::escape(std::string_view("a\0b\x1B", 4)), "a\uFFFDb\uFFFD");
}

TEST(Markup, EncodesBase64AsRfc4648Does) {
  const auto encode = [](std::string_view text) { return html::base64(std::as_bytes(std::span(text))); };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode("\xFF\xFE\xFD"), "//79");
}

TEST(Gnuplot, TextsAreOnlyTexts) {
  EXPECT_EQ(gnuplot_text("it's"), "'it''s'");
  EXPECT_EQ(gnuplot_text("a\nb"), "'a b'");
  if (!gnuplot_is_here()) GTEST_SKIP() << "gnuplot is not installed";
  const test::TemporaryFolder folder;
  const std::string victim = (folder.path() / "touched").string();
  const std::string name = "x`touch " + victim + "`'; system('touch " + victim + "')\n!touch " + victim + " # <b>&";
  const Drawing drawing = draw_with_gnuplot("gnuplot", "set title " + gnuplot_text(name) + "\nplot 1", 300, 200);
  EXPECT_EQ(drawing.status, DrawingStatus::drawn) << drawing.message;
  EXPECT_FALSE(std::filesystem::exists(victim));
  EXPECT_EQ(Reader(svg_for_page(drawing.svg, "figure", "alt \"<b>\"")).problem, "");
}

TEST(Gnuplot, AFaultyScriptIsReportedWithItsMessage) {
  if (!gnuplot_is_here()) GTEST_SKIP() << "gnuplot is not installed";
  const Drawing drawing = draw_with_gnuplot("gnuplot", "plot no_such_function(x)", 300, 200);
  EXPECT_EQ(drawing.status, DrawingStatus::failed);
  EXPECT_FALSE(drawing.message.empty());
}

TEST(Gnuplot, FiguresOfOnePageShareNoId) {
  if (!gnuplot_is_here()) GTEST_SKIP() << "gnuplot is not installed";
  const Drawing drawing = draw_with_gnuplot("gnuplot", "plot x with linespoints, x**2 with points pt 7", 300, 200);
  ASSERT_EQ(drawing.status, DrawingStatus::drawn);
  const std::string page = svg_for_page(drawing.svg, "one", "first") + svg_for_page(drawing.svg, "two", "second");
  EXPECT_EQ(Reader(page).problem, "");
  EXPECT_NE(page.find("href='#one-gpPt"), std::string::npos);
  EXPECT_EQ(page.find("href='#gpPt"), std::string::npos);
  EXPECT_NE(page.find("role=\"img\" aria-label=\"first\""), std::string::npos);
  EXPECT_NE(page.find("viewBox"), std::string::npos);
}

}  // namespace
}  // namespace cuebench
