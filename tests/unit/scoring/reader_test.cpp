// Every irregularity of the published files, and every kind of bad input, in files written by hand.
#include <algorithm>
#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/natural_order.hpp>
#include <cuebench/scoring/conditions.hpp>
#include <cuebench/scoring/image_names.hpp>
#include <cuebench/scoring/scores.hpp>
#include <cuebench/scoring/trial_reader.hpp>

#include "test_data.hpp"

namespace cuebench::scoring::test {
namespace {

using cuebench::test::TemporaryFolder;

const std::string kHeader = "subj,session,trial,rt,object_response,category,condition,imagename\n";

struct Parsed {
  TrialTable table;
  std::vector<Finding> findings;
};

Parsed parse(const std::string& text, const std::string& file = "edge_net_session-1.csv") {
  Parsed parsed;
  read_trials(text, file, parsed.table, parsed.findings);
  return parsed;
}

/// The message with which `text` is refused; "" when it is accepted.
std::string refusal(const std::string& text) {
  TrialTable table;
  std::vector<Finding> findings;
  read_trials(kHeader + "net,1,1,NaN,cat,cat,0,before.png\n", "before_net_session-1.csv", table, findings);
  try {
    read_trials(text, "edge_net_session-1.csv", table, findings);
  } catch (const UsageError& error) {
    EXPECT_EQ(table.size(), 1u) << "a refused file leaves nothing behind";
    EXPECT_EQ(table.condition.size(), 1u);
    EXPECT_EQ(table.response.size(), 1u);
    return error.what();
  }
  return "";
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

Scores score_folder(const std::filesystem::path& path) {
  ScoreOptions options;
  options.replicates = 0;
  return score(read_inputs({path}), options);
}

TEST(TrialReader, ColumnsInAnyCaseAndOrderWithEitherLineEnd) {
  const auto human = parse(
      "subj,Session,trial,rt,object_response,category,condition,imagename\n"
      "subject-01,2,1,0.5,na,dog,0,0001_edg_s01_0_dog_00_dog4.png\n",
      "edge_subject-01_session_2.csv");
  ASSERT_EQ(human.table.size(), 1u);
  EXPECT_EQ(human.table.session[0], 2);
  EXPECT_EQ(human.table.response[0], kNoResponse);
  EXPECT_EQ(human.table.images[human.table.image[0]], "dog4.png");
  EXPECT_EQ(human.table.sets[human.table.set[0]], "edge");
  EXPECT_TRUE(human.findings.empty());

  const auto network = parse(
      "\xef\xbb\xbf"
      "imagename,condition,category,object_response,session,subj\r\n"
      "dog4.png,NaN,dog,cat,1,net\r\n\r\ndog5.png,NaN,dog,dog,1,net");
  ASSERT_EQ(network.table.size(), 2u);
  EXPECT_EQ(network.table.response[0], category_index("cat"));
  EXPECT_EQ(network.table.conditions[network.table.condition[0]], "");
  EXPECT_EQ(network.table.line[1], 4u);
}

TEST(TrialReader, QuotedFields) {
  const auto parsed = parse(kHeader + "\"net, large\",1,1,NaN,cat,cat,\"a,b\",\"x.png\"\n", "edge_x_session-1.csv");
  ASSERT_EQ(parsed.table.size(), 1u);
  EXPECT_EQ(parsed.table.observers[parsed.table.observer[0]], "net, large");
  EXPECT_EQ(parsed.table.conditions[parsed.table.condition[0]], "a,b");
}

TEST(TrialReader, SetFromTheFileName) {
  EXPECT_EQ(set_of_file_name("a/cue-conflict_simclr-resnet50x1_session-1.csv.gz", "simclr_resnet50x1"), "cue-conflict");
  EXPECT_EQ(set_of_file_name("edge-experiment_resnet50_train_60_epochs_session-1.csv", "resnet50-train-60-epochs"),
            "edge-experiment");
  EXPECT_EQ(set_of_file_name("colour_subject-01_session_1.csv", "subject-01"), "colour");
  EXPECT_EQ(set_of_file_name("my_own_set_net_session-3.csv", "net"), "my_own_set");
  EXPECT_EQ(set_of_file_name("colour_renamed_session-1.csv", "other"), "colour");
  EXPECT_EQ(set_of_file_name("answers.csv.gz", "net"), "answers");
}

TEST(TrialReader, SharedImageNames) {
  EXPECT_EQ(shared_image_name("0001_s5n_s01_0_bird_00_bird3-bird2.png"), "bird3-bird2.png");
  EXPECT_EQ(shared_image_name("airplane1-bicycle2.png"), "airplane1-bicycle2.png");
  EXPECT_EQ(shared_image_name("0001_cop_dnn_cr_knife_10_n03041632_27134.JPEG"), "n03041632_27134.JPEG");
  EXPECT_EQ(shared_image_name("n04111531_14126.png"), "n04111531_14126.png");
  EXPECT_EQ(shared_image_name("_x"), "x");
  EXPECT_EQ(shared_image_name(""), "");
}

TEST(TrialReader, CueLabels) {
  const auto labels = cue_labels("dog10-bird2.png");
  ASSERT_TRUE(labels);
  EXPECT_EQ(category_name(labels->shape), "dog");
  EXPECT_EQ(category_name(labels->texture), "bird");
  EXPECT_TRUE(cue_labels("airplane1-bicycle2"));
  for (const char* other :
       {"dog10.png", "dog-bird2.png", "dog1-hat2.png", "dog1-bird2x.png", "", "boat-0068-sketch-23.png"})
    EXPECT_FALSE(cue_labels(other)) << other;
}

TEST(Conditions, OneSpelling) {
  EXPECT_EQ(canonical_condition("0.60"), canonical_condition("0.6"));
  EXPECT_EQ(canonical_condition("3"), canonical_condition("3.0"));
  EXPECT_EQ(canonical_condition("0.00"), canonical_condition("0"));
  EXPECT_EQ(canonical_condition("True"), canonical_condition("true"));
  EXPECT_EQ(canonical_condition("inf"), "inf");
  EXPECT_EQ(canonical_condition("NaN"), "");
  EXPECT_EQ(canonical_condition(""), "");
  EXPECT_EQ(canonical_condition("c03"), "c03");
  EXPECT_EQ(canonical_condition("128-3-10"), "128-3-10");
  EXPECT_TRUE(natural_less("c05", "c30"));
  EXPECT_TRUE(natural_less("c30", "c100"));
  EXPECT_TRUE(natural_less("2-3-10", "16-3-10"));
  EXPECT_TRUE(natural_less("0.4", "0.45"));
  EXPECT_FALSE(natural_less("3", "1.5"));
}

TEST(Conditions, WhatTheBenchmarkLeavesOut) {
  EXPECT_TRUE(left_out_of_benchmark("false-colour", canonical_condition("True")));
  EXPECT_TRUE(left_out_of_benchmark("uniform-noise", canonical_condition("0.60")));
  EXPECT_TRUE(left_out_of_benchmark("high-pass", "inf"));
  EXPECT_FALSE(left_out_of_benchmark("high-pass", "3"));
  EXPECT_FALSE(left_out_of_benchmark("edge", ""));
}

TEST(BadInput, IsNamedByFileAndLine) {
  const std::string good = "net,1,1,NaN,cat,cat,0,a.png\n";
  struct Case {
    std::string text;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"subj,session,trial,rt,object_response,condition,imagename\n", {"line 1", "no column 'category'"}},
      {"subj,subj,session,object_response,category,condition,imagename\n", {"line 1", "'subj'", "twice"}},
      {kHeader, {"no trial"}},
      {kHeader + good + "net,1,2,NaN,cat,cat,0\n", {"line 3", "7 fields where the header has 8"}},
      {kHeader + good + "net,1,2,NaN,cat,cat,0,b.png,\n", {"line 3", "9 fields"}},
      {kHeader + good + "net,1,2,NaN,cat,hat,0,b.png\nnet,1,3,NaN,cat,hut,0,c.png\n",
       {"line 3", "category 'hat' is none of the 16", "2 such lines"}},
      {kHeader + good + "net,1,2,NaN,tiger,cat,0,b.png\n", {"line 3", "object_response 'tiger'"}},
      {kHeader + good + "net,one,2,NaN,cat,cat,0,b.png\n", {"line 3", "session 'one' is not a whole number"}},
      {kHeader + good + "net,1,2,NaN,dog,cat,0,a.png\n", {"line 3", "image 'a.png' already stands on line 2"}},
      {kHeader + good + ",1,2,NaN,cat,cat,0,b.png\n", {"line 3", "subj or imagename is empty"}},
      {kHeader + "net,1,1,NaN,cat,cat,0,dog1-bird2.png\n",
       {"line 2", "category 'cat' is not the shape", "dog1-bird2.png"}},
      {kHeader + "net,1,1,NaN,\"cat,cat,0,a.png\n", {"line 2", "not closed"}},
      {kHeader + "net,1,1,NaN,tiger,cat,0,b.png\nnet,1,2,NaN,cat,hat,0,c.png\n", {"line 2", "tiger", "line 3", "hat"}},
  };
  for (const Case& c : cases) {
    const std::string message = refusal(c.text);
    EXPECT_NE(message.find("edge_net_session-1.csv"), message.npos) << c.text;
    for (const std::string& word : c.words) EXPECT_NE(message.find(word), message.npos) << word << " in: " << message;
  }
}

TEST(BadInput, WhatCanBeLivedWithIsFoundAndCounted) {
  const auto parsed =
      parse(kHeader + "net,1,1,NaN,cat,cat,0,a.png\nnet,1,2,NaN,,cat,1,b.png\nnet,2,3,NaN,,cat,NaN,c.png\n");
  ASSERT_EQ(parsed.table.size(), 3u);
  ASSERT_EQ(parsed.findings.size(), 3u);
  EXPECT_NE(parsed.findings[0].text.find("object_response is empty"), std::string::npos);
  EXPECT_EQ(parsed.findings[0].line, 3u);
  EXPECT_EQ(parsed.findings[0].count, 2);
  EXPECT_NE(parsed.findings[1].text.find("session 2 in a file that began with session 1"), std::string::npos);
  EXPECT_EQ(parsed.findings[1].line, 4u);
  EXPECT_NE(parsed.findings[2].text.find("no condition"), std::string::npos);
  EXPECT_NE(parsed.findings[2].sentence().find("edge_net_session-1.csv, line 4"), std::string::npos);
}

TEST(BadInput, OtherNamesAmongCueConflictImages) {
  const auto parsed = parse(kHeader + "net,1,1,NaN,cat,dog,0,dog1-cat2.png\nnet,1,2,NaN,cat,cat,0,plain.png\n");
  ASSERT_EQ(parsed.findings.size(), 1u);
  EXPECT_EQ(parsed.findings[0].line, 3u);
}

TEST(CueDecisions, ThreeColumnSets) {
  for (const std::string header :
       {"image,pred_label\n", "image,response,pred_label\n", "image,response,pred_label,pred_conf\n"}) {
    const auto columns = std::count(header.begin(), header.end(), ',');
    std::string row = "dog1-cat2";
    if (columns >= 2) row += ",It is a dog.";
    row += ",dog";
    if (columns == 3) row += ",0.5";
    TrialTable table;
    std::vector<Finding> findings;
    ASSERT_EQ(recognise_csv(header), CsvKind::cue_decisions);
    read_cue_decisions(header + row + "\n", "folder/ViT_CLS.csv.gz", table, findings);
    ASSERT_EQ(table.size(), 1u) << header;
    EXPECT_EQ(table.observers[table.observer[0]], "ViT_CLS");
    EXPECT_EQ(table.response[0], category_index("dog"));
    EXPECT_THROW(read_cue_decisions(header + "dog1" + row.substr(9) + "\n", "f.csv", table, findings), UsageError);
    EXPECT_EQ(table.size(), 1u);
  }
}

TEST(Inputs, FoldersLeaveOtherTablesOutAndNamedFilesMustBeUsable) {
  const TemporaryFolder folder;
  write(folder.path() / "edge/edge_net_session-1.csv", kHeader + "net,1,1,NaN,cat,cat,0,a.png\n");
  write(folder.path() / "notes/other.csv", "a,b\n1,2\n");
  write(folder.path() / ".hidden/edge_net_session-1.csv", "rubbish");
  write(folder.path() / "README.txt", "nothing");
  const Inputs inputs = read_inputs({folder.path()});
  EXPECT_EQ(inputs.trials.size(), 1u);
  ASSERT_EQ(inputs.findings.size(), 1u);
  EXPECT_NE(inputs.findings[0].sentence().find("other.csv"), std::string::npos);
  EXPECT_THROW(read_inputs({folder.path() / "notes/other.csv"}), UsageError);
  EXPECT_THROW(read_inputs({folder.path() / "missing.csv"}), UsageError);
  write(folder.path() / "empty/empty.csv", "");
  EXPECT_THROW(read_inputs({folder.path() / "empty/empty.csv"}), UsageError);
  EXPECT_THROW(read_inputs({folder.path() / "README.txt"}), UsageError);
}

TEST(Inputs, EveryUnusableFileIsNamed) {
  const TemporaryFolder folder;
  write(folder.path() / "edge_a_session-1.csv", kHeader + "a,1,1,NaN,cat,hat,0,a.png\n");
  write(folder.path() / "edge_b_session-1.csv", kHeader + "b,1,1,NaN,cat,cat,0,a.png\n");
  write(folder.path() / "edge_c_session-1.csv", kHeader + "c,x,1,NaN,cat,cat,0,a.png\n");
  try {
    read_inputs({folder.path()});
    FAIL();
  } catch (const UsageError& error) {
    const std::string message = error.what();
    for (const char* word : {"2 files", "edge_a_session-1.csv, line 2", "edge_c_session-1.csv, line 2"})
      EXPECT_NE(message.find(word), message.npos) << message;
  }
}

std::string packed(const std::string& text, bool tar) {
  std::string bytes(text.size() + 8192, '\0');
  std::size_t used = 0;
  archive* out = archive_write_new();
  archive_write_add_filter_gzip(out);
  if (tar)
    archive_write_set_format_ustar(out);
  else
    archive_write_set_format_raw(out);
  archive_write_open_memory(out, bytes.data(), bytes.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, "raw/edge_net_session-1.csv");
  archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_write_header(out, entry);
  archive_write_data(out, text.data(), text.size());
  archive_entry_free(entry);
  archive_write_free(out);
  bytes.resize(used);
  return bytes;
}

TEST(Inputs, GzipAndTarAndTheirTruncation) {
  const TemporaryFolder folder;
  std::string text = kHeader;
  for (int i = 0; i < 500; ++i)
    text += "net,1," + std::to_string(i) + ",NaN,cat,cat,0,image" + std::to_string(i * 7919) + ".png\n";
  const std::string gzip = packed(text, false), tar = packed(text, true);
  write(folder.path() / "a/edge_net_session-1.csv.gz", gzip);
  write(folder.path() / "b/all.tar.gz", tar);
  EXPECT_EQ(read_inputs({folder.path() / "a"}).trials.size(), 500u);
  EXPECT_EQ(read_inputs({folder.path() / "b/all.tar.gz"}).trials.size(), 500u);
  for (const int share : {3, 9}) {
    write(folder.path() / "c/edge_net_session-1.csv.gz",
          gzip.substr(0, gzip.size() * static_cast<std::size_t>(share) / 10));
    try {
      read_inputs({folder.path() / "c"});
      FAIL() << share;
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find("damaged or end too early"), std::string::npos) << error.what();
    }
  }
}

TEST(Inputs, RunsThatMeet) {
  const TemporaryFolder folder;
  const std::string a = "net,1,1,NaN,cat,cat,0,a.png\n", b = "net,1,2,NaN,dog,cat,0,b.png\n";
  const std::string name = "edge_net_session-1.csv";
  write(folder.path() / "same/1" / name, kHeader + a + b);
  write(folder.path() / "same/2" / name, kHeader + b + a);
  const Inputs same = read_inputs({folder.path() / "same"});
  EXPECT_EQ(same.trials.size(), 2u);
  EXPECT_EQ(same.repeated_trials, 2);
  EXPECT_EQ(same.findings.size(), 1u);

  write(folder.path() / "parts/1" / name, kHeader + a);
  write(folder.path() / "parts/2" / name, kHeader + b);
  const Inputs parts = read_inputs({folder.path() / "parts"});
  EXPECT_EQ(parts.trials.size(), 2u);
  EXPECT_TRUE(parts.findings.empty());

  write(folder.path() / "other/caffe" / name, kHeader + a + b);
  write(folder.path() / "other/torch" / name, kHeader + "net,1,1,NaN,dog,cat,0,a.png\n" + b);
  const Scores other = score_folder(folder.path() / "other");
  ASSERT_EQ(other.sets.size(), 1u);
  ASSERT_EQ(other.sets[0].observers.size(), 2u);
  EXPECT_EQ(other.sets[0].observers[1].name, "net (torch)");
  EXPECT_EQ(other.findings.size(), 1u);

  write(folder.path() / "sets/free_net_session-1.csv", kHeader + a + b);
  write(folder.path() / "sets/guess_net_session-1.csv", kHeader + b + a);
  const Inputs sets = read_inputs({folder.path() / "sets"});
  EXPECT_EQ(sets.trials.size(), 4u);
  ASSERT_EQ(sets.findings.size(), 1u);
  EXPECT_NE(sets.findings[0].text.find("one run under two sets"), std::string::npos);

  write(folder.path() / "clash" / name, kHeader + a + b);
  write(folder.path() / "clash/edge_net_session_1.csv", kHeader + "net,1,1,NaN,dog,cat,0,a.png\n" + b);
  EXPECT_THROW(read_inputs({folder.path() / "clash"}), UsageError);
}

TEST(Scoring, ConditionsThatOnlySomeObserversTell) {
  const TemporaryFolder folder;
  // Humans name the angle, the network calls everything 0 and saw one image more.
  write(folder.path() / "rotated_subject-01_session_1.csv",
        kHeader +
            "subject-01,1,1,0.5,cat,cat,10,0001_x_s01_10_cat_00_cat1.png\n"
            "subject-01,1,2,0.5,dog,cat,20,0002_x_s01_20_cat_00_cat2.png\n");
  write(folder.path() / "rotated_net_session-1.csv",
        kHeader +
            "net,1,1,NaN,cat,cat,0,cat2.png\nnet,1,2,NaN,cat,cat,0,cat1.png\n"
            "net,1,3,NaN,cat,cat,0,cat3.png\n");
  const Scores scores = score_folder(folder.path());
  const SetScores& set = scores.sets.at(0);
  EXPECT_EQ(set.conditions, (std::vector<std::string>{"0", "10", "20"}));
  EXPECT_EQ(set.images, 3);
  ASSERT_EQ(set.pairs.size(), 1u);
  EXPECT_EQ(set.pairs[0].all.n(), 2);
  EXPECT_EQ(set.pairs[0].conditions[1].both, 1);
  EXPECT_EQ(set.pairs[0].conditions[2].only_first, 1);
  EXPECT_EQ(set.observers[0].conditions[0].n, 3);
}

TEST(Scoring, OneConditionUnderSeveralNamesIsNone) {
  const TemporaryFolder folder;
  write(folder.path() / "edge_subject-01_session_1.csv",
        kHeader + "subject-01,1,1,0.5,cat,cat,0,1_e_s01_0_cat_00_cat1.png\n");
  write(folder.path() / "edge_net_session-1.csv", kHeader + "net,1,1,NaN,cat,cat,NaN,cat1.png\n");
  write(folder.path() / "edge_oidv2_session-1.csv", kHeader + "oidv2,1,1,NaN,dog,cat,3,cat1.png\n");
  const Scores scores = score_folder(folder.path());
  const SetScores& set = scores.sets.at(0);
  EXPECT_EQ(set.conditions, std::vector<std::string>{""});
  EXPECT_EQ(set.images, 1);
  ASSERT_EQ(set.pairs.size(), 3u);
  for (const PairScores& pair : set.pairs) EXPECT_EQ(pair.all.n(), 1);
}

TEST(Scoring, AnImageUnderSeveralConditionsIsJoinedByBoth) {
  const TemporaryFolder folder;
  for (const std::string name : {"net", "other"})
    write(folder.path() / ("noise_" + name + "_session-1.csv"),
          kHeader + name + ",1,1,NaN,cat,cat,0.1,a.png\n" + name + ",1,2,NaN,dog,cat,0.20,a.png\n");
  const Scores scores = score_folder(folder.path());
  EXPECT_EQ(scores.sets.at(0).images, 2);
  EXPECT_EQ(scores.sets[0].conditions, (std::vector<std::string>{"0.1", "0.2"}));
  EXPECT_EQ(scores.sets[0].pairs.at(0).all.both, 1);
  EXPECT_EQ(scores.sets[0].pairs[0].all.neither, 1);
}

TEST(Scoring, SeveralSessionsCountInAccuracyAndTheFirstInComparisons) {
  const TemporaryFolder folder;
  write(folder.path() / "edge_net_session-1.csv", kHeader + "net,1,1,NaN,cat,cat,NaN,a.png\n");
  write(folder.path() / "edge_net_session-2.csv", kHeader + "net,2,1,NaN,dog,cat,NaN,a.png\n");
  write(folder.path() / "edge_other_session-1.csv", kHeader + "other,1,1,NaN,cat,cat,NaN,a.png\n");
  const Scores scores = score_folder(folder.path());
  const SetScores& set = scores.sets.at(0);
  EXPECT_EQ(set.observers[0].sessions, 2);
  EXPECT_EQ(set.observers[0].all.n, 2);
  EXPECT_EQ(set.observers[0].all.correct, 1);
  EXPECT_EQ(set.pairs.at(0).all.both, 1);
  EXPECT_EQ(set.pairs[0].all.n(), 1);
  EXPECT_EQ(scores.findings.size(), 1u);
}

TEST(Scoring, NoAnswerIsWrongAndStays) {
  const TemporaryFolder folder;
  write(folder.path() / "cue_subject-01_session_1.csv",
        kHeader +
            "subject-01,1,1,NaN,na,dog,0,1_a_s01_0_dog_00_dog1-cat1.png\n"
            "subject-01,1,2,0.5,dog,dog,0,2_a_s01_0_dog_00_dog1-cat2.png\n"
            "subject-01,1,3,0.5,cat,dog,0,3_a_s01_0_dog_00_dog2-cat2.png\n"
            "subject-01,1,4,0.5,dog,dog,0,4_a_s01_0_dog_00_dog2-dog2.png\n"
            "subject-01,1,5,0.5,oven,cat,0,5_a_s01_0_cat_00_cat2-dog2.png\n");
  const Scores scores = score_folder(folder.path());
  const ObserverScores& human = scores.sets.at(0).observers.at(0);
  EXPECT_TRUE(human.human);
  EXPECT_EQ(human.all.n, 5);
  EXPECT_EQ(human.all.no_answer, 1);
  EXPECT_EQ(human.all.correct, 2);
  ASSERT_TRUE(human.cues);
  EXPECT_EQ(human.cues->counts.shape, 1);
  EXPECT_EQ(human.cues->counts.texture, 1);
  EXPECT_EQ(human.cues->counts.other, 2);
  EXPECT_EQ(human.cues->no_answer, 1);
  EXPECT_EQ(human.cues->same_cues, 1);
  EXPECT_EQ(human.confusion[category_index("dog")][kCategories], 1);
  EXPECT_EQ(human.cues->category_mean.n, 1) << "cat has no decision for shape or texture";
  EXPECT_FALSE(human.with_humans.kappa.value);
  EXPECT_FALSE(human.with_humans.kappa.method.empty());
}

}  // namespace
}  // namespace cuebench::scoring::test
