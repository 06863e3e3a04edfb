// Files of `cuebench score`, made of trials written by hand.
#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/score_report.hpp>

#include "test_data.hpp"

namespace cuebench::test {
namespace {

using Json = nlohmann::json;

/// Two networks and two humans on 32 cue-conflict images, and one network under two conditions.
scoring::Scores small_scores(const std::filesystem::path& folder) {
  const std::string header = "subj,session,trial,rt,object_response,category,condition,imagename\n";
  const auto write = [&](const std::string& set, const std::string& name, int shape_every) {
    std::ofstream file(folder / (set + "_" + name + "_session-1.csv"));
    file << header;
    for (int i = 0; i < 32; ++i) {
      const auto shape = scoring::category_name(i % 16), texture = scoring::category_name((i + 3) % 16);
      const auto answer = i % 11 == 10 ? "na" : i % shape_every == 0 ? shape : i % 7 == 6 ? "oven" : texture;
      file << name << ",1," << i + 1 << ",NaN," << answer << "," << shape << "," << (set == "noise" ? i % 2 : 0) << ","
           << shape << i << "-" << texture << i << ".png\n";
    }
  };
  write("cue-conflict", "net_<one>&", 5);
  write("cue-conflict", "net_two", 3);
  write("cue-conflict", "subject-01", 1);
  write("cue-conflict", "subject-02", 2);
  write("noise", "net_two", 2);
  std::ofstream(folder / "imagenet_corruptions.csv")
      << ",fog,fog,snow,snow,frost\n,1,2,1,2,1\nAlexNet,0.5,0.4,0.3,0.2,0.1\n"
         "net,0.9,0.8,0.7,0.6,0.5\n";
  scoring::ScoreOptions options;
  options.replicates = 200;
  return scoring::score(scoring::read_inputs({folder}), options);
}

void expect_no_nan(const Json& json, const std::string& where) {
  if (json.is_object() && json.contains("value") && json["value"].is_null()) {
    EXPECT_FALSE(json.value("reason", "").empty()) << where;
  }
  if (json.is_structured()) {
    for (const auto& [key, value] : json.items()) expect_no_nan(value, where + "/" + key);
  }
  if (json.is_string()) {
    EXPECT_EQ(json.get<std::string>().find("nan"), std::string::npos) << where;
  }
}

TEST(ScoreReport, JsonHasEveryNumberOrAReason) {
  const TemporaryFolder folder;
  const scoring::Scores scores = small_scores(folder.path());
  const Json json = Json::parse(score_json(scores));
  expect_no_nan(json, "");
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["trials"], 160);
  ASSERT_EQ(json["sets"].size(), 2u);
  const Json& set = json["sets"][0];
  EXPECT_EQ(set["name"], "cue-conflict");
  ASSERT_EQ(set["observers"].size(), 4u);
  const Json& net = set["observers"][0];
  EXPECT_EQ(net["name"], "net_<one>&");
  std::int64_t confusion = 0;
  for (const auto& row : net["confusion"])
    for (const auto& count : row) confusion += count.get<std::int64_t>();
  EXPECT_EQ(confusion, net["n"]);
  EXPECT_EQ(net["shape_bias"]["shape"].get<int>() + net["shape_bias"]["texture"].get<int>() +
                net["shape_bias"]["other"].get<int>(),
            32);
  EXPECT_EQ(set["pairs"].size(), 6u);
  EXPECT_TRUE(set["pairs"][5]["mcnemar"]["exact_p"].is_null()) << "two humans";
  EXPECT_EQ(json["benchmark"]["sets"], Json({"cue-conflict"}));
  EXPECT_EQ(json["benchmark"]["missing_sets"].size(), 16u);
  ASSERT_EQ(json["corruptions"].size(), 1u);
  const Json& corrupted = json["corruptions"][0]["models"][1];
  EXPECT_NEAR(corrupted["mce_own"]["value"].get<double>(), (0.3 / 1.1 + 0.7 / 1.5 + 0.5 / 0.9) / 3, 1e-15);
  EXPECT_TRUE(corrupted["mce_own_19"]["value"].is_null());
}

TEST(ScoreReport, CsvRowsAreWholeAndUnique) {
  const TemporaryFolder folder;
  const scoring::Scores scores = small_scores(folder.path());
  const CsvTable table = parse_csv(score_csv(scores), "score.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"observer", "set", "condition", "category", "metric", "value",
                                                    "low", "high", "n", "method"}));
  std::set<std::vector<std::string>> keys;
  for (const CsvTable::Row& row : table.rows) {
    std::vector<std::string> key(row.fields.begin(), row.fields.begin() + 5);
    key.push_back(row.fields[9].substr(0, row.fields[9].find(' ')));  // Wilson and Clopper-Pearson of one share
    EXPECT_TRUE(keys.insert(key).second) << row.line;
    EXPECT_FALSE(row.fields[9].empty()) << row.line;
    for (int i = 5; i < 8; ++i) EXPECT_EQ(row.fields[i].find("nan"), std::string::npos) << row.line;
  }
  const auto is = [&](const CsvTable::Row& row, const char* observer, const char* metric) {
    return row.fields[0] == observer && row.fields[1] == "cue-conflict" && row.fields[4] == metric &&
           row.fields[3] == "all";
  };
  EXPECT_EQ(std::count_if(table.rows.begin(), table.rows.end(),
                          [&](const auto& r) { return is(r, "net_two", "shape_bias"); }),
            2);
  const CsvTable confusion = parse_csv(confusion_csv(scores), "confusion.csv");
  EXPECT_EQ(confusion.rows.size(), 6u * 16 * 17);  // four observers, all humans together, and one of the other set
}

TEST(ScoreReport, TextNamesEverySetAndObserver) {
  const TemporaryFolder folder;
  ScoreTextOptions options;
  options.target_half_width = 0.05;
  const std::string text = score_text(small_scores(folder.path()), options);
  for (const char* word : {"cue-conflict: 32 images", "net_two", "subject-02", "shape bias, %", "noise: 32 images",
                           "mCE own", "Over 1 of model-vs-human's 17 sets", "McNemar", "how many trials", "n needed"})
    EXPECT_NE(text.find(word), std::string::npos) << word;
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

TEST(ScoreReport, PageIsWholeAndNeedsNothing) {
  const TemporaryFolder folder;
  const std::string page =
      score_html(small_scores(folder.path()), {{"shape-bias-cue-conflict", "<svg>FIGURE</svg>"}}, false);
  EXPECT_NE(page.find("FIGURE"), std::string::npos);
  EXPECT_NE(page.find("net_<wbr>&lt;one&gt;&amp;"), std::string::npos);
  EXPECT_EQ(page.find("<one>"), std::string::npos);
  for (const char* outside : {"<script", "http://", "https://", "src=", "@import"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  for (const char* element : {"table", "section", "tr", "details", "figure"}) {
    const auto count = [&](const std::string& text) {
      std::size_t n = 0;
      for (std::size_t at = page.find(text); at != page.npos; at = page.find(text, at + 1)) ++n;
      return n;
    };
    EXPECT_EQ(count(std::string("<") + element + ">") + count(std::string("<") + element + " "),
              count(std::string("</") + element + ">"))
        << element;
  }
}

TEST(ScoreReport, LatexIsEscapedAndBalanced) {
  const TemporaryFolder folder;
  const std::string text = score_latex(small_scores(folder.path()));
  EXPECT_NE(text.find("net\\_$<$one$>$\\&"), std::string::npos);
  std::size_t begins = 0, ends = 0;
  for (std::size_t at = text.find("\\begin{"); at != text.npos; at = text.find("\\begin{", at + 1)) ++begins;
  for (std::size_t at = text.find("\\end{"); at != text.npos; at = text.find("\\end{", at + 1)) ++ends;
  EXPECT_EQ(begins, ends);
  EXPECT_GT(begins, 8u);
  EXPECT_EQ(text.find("\u2212"), std::string::npos);
}

TEST(ScoreReport, FilesAreTheSameEveryTime) {
  const TemporaryFolder folder, first, second;
  const scoring::Scores scores = small_scores(folder.path());
  ScoreFilesOptions options;
  options.latex = true;
  write_score_files(scores, first.path(), options);
  write_score_files(small_scores(folder.path()), second.path(), options);
  for (const char* name : {"score.json", "score.csv", "confusion.csv", "score.html", "score.tex"})
    EXPECT_EQ(read_text_file(first.path() / name), read_text_file(second.path() / name)) << name;
  options.gnuplot = "no-such-gnuplot";
  write_score_files(scores, second.path(), options);
  EXPECT_NE(read_text_file(second.path() / "score.html").find("gnuplot is not installed"), std::string::npos);
}

}  // namespace
}  // namespace cuebench::test
