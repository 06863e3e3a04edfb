#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "../../../datasets/webdataset_shard.hpp"
#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::Compression;
using test::Member;
using test::message_of;
using test::ppm;
using test::TemporaryFolder;
using test::write_tar;

std::vector<std::string> ids(const Dataset& set) {
  std::vector<std::string> result;
  for (const auto& item : set.items) result.push_back(item.id);
  return result;
}

std::vector<int> labels(const Dataset& set) {
  std::vector<int> result;
  for (const auto& item : set.items) result.push_back(item.label);
  return result;
}

std::string bad_reason(const Dataset& set, std::size_t index) {
  return message_of<ImageError>([&] { set.load_image(index); });
}

/// A sample with an image of one colour.
std::vector<Member> sample(const std::string& key, std::uint8_t red, const std::string& cls,
                           const std::string& json = "") {
  std::vector<Member> members = {{key + ".jpg", ppm(red)}};
  if (!cls.empty()) members.push_back({key + ".cls", cls});
  if (!json.empty()) members.push_back({key + ".json", json});
  return members;
}

std::vector<Member> joined(const std::vector<std::vector<Member>>& parts) {
  std::vector<Member> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// The expected values are those of webdataset's base_plus_ext, ^((?:.*/|)[^.]+)[.]([^/]*)$, with its lower-casing.
TEST(WebdatasetNames, SplitAtTheFirstDotOfTheLastPart) {
  using Split = std::pair<std::string, std::string>;
  EXPECT_EQ(split_sample_name("a.jpg"), (Split{"a", "jpg"}));
  EXPECT_EQ(split_sample_name("x.y/b/a.seg.PNG"), (Split{"x.y/b/a", "seg.png"}));
  EXPECT_EQ(split_sample_name("no extension"), std::nullopt);
  EXPECT_EQ(split_sample_name("x.y/noextension"), std::nullopt);
  EXPECT_EQ(split_sample_name(".hidden"), std::nullopt);
  EXPECT_EQ(split_sample_name("x/.hidden.jpg"), std::nullopt);
  EXPECT_EQ(split_sample_name("a."), std::nullopt);
}

TEST(Webdataset, ReadsSamplesInTheOrderOfFilesAndMembers) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "s-000001.tar", joined({sample("c", 3, "0"), sample("deep/d", 4, "2")}));
  write_tar(folder.path() / "s-000000.tar", joined({sample("b", 2, "1"), sample("a", 1, "0\n")}));
  const Dataset set = open_dataset(folder.path().string());
  EXPECT_EQ(set.kind, "webdataset");
  EXPECT_EQ(ids(set), (std::vector<std::string>{"b", "a", "c", "deep/d"}));
  EXPECT_EQ(labels(set), (std::vector<int>{1, 0, 0, 2}));
  EXPECT_EQ(set.classes, (std::vector<std::string>{"0", "1", "2"}));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(set.load_image(i).pixels[0], (std::vector<int>{2, 1, 3, 4})[i]);
  EXPECT_FALSE(set.has_cues);
  EXPECT_FALSE(set.load_mask(0));
  EXPECT_TRUE(set.notes.empty());
}

TEST(Webdataset, ReadsCompressedShardsToo) {
  const TemporaryFolder folder;
  for (const auto& [name, compression] : {std::pair{"a.tar.gz", Compression::gzip},
                                          {"b.tar", Compression::none},
                                          {"c.tar.zst", Compression::zstd},
                                          {"d.tgz", Compression::gzip}})
    write_tar(folder.path() / name, sample(std::string("key-") + name[0], std::uint8_t(name[0]), "0"),
              test::TarFormat::pax, compression);
  const Dataset set = open_dataset(folder.path().string());
  ASSERT_EQ(ids(set), (std::vector<std::string>{"key-a", "key-b", "key-c", "key-d"}));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(set.load_image(i).pixels[0], 'a' + i);
}

TEST(Webdataset, TakesNamesFromJsonAndClassesTxt) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar", joined({sample("a", 1, "2", R"({"label": "cat", "id": 7})"),
                                             sample("b", 2, "0", R"({"label": "dog", "shape": null})")}));
  EXPECT_EQ(open_dataset(folder.path().string()).classes, (std::vector<std::string>{"dog", "1", "cat"}));
  test::write_file(folder.path() / "classes.txt", "first\nsecond\r\nthird\nfourth\n");
  const Dataset listed = open_dataset((folder.path() / "a.tar").string());
  EXPECT_EQ(listed.classes, (std::vector<std::string>{"first", "second", "third", "fourth"}));
  EXPECT_EQ(labels(listed), (std::vector<int>{2, 0}));
}

TEST(Webdataset, NamesThatContradictTheIndicesAreNotUsed) {
  const TemporaryFolder folder;
  for (const char* second : {R"({"label": "dog"})", R"({"label": "cat"})"}) {
    const std::string index = std::string(second).find("dog") != std::string::npos ? "0" : "1";
    write_tar(folder.path() / "a.tar",
              joined({sample("a", 1, "0", R"({"label": "cat"})"), sample("b", 2, index, second)}));
    const Dataset set = open_dataset(folder.path().string());
    EXPECT_EQ(set.classes.front(), "0");
    ASSERT_EQ(set.notes.size(), 1u);
    EXPECT_NE(set.notes[0].find("contradict"), std::string::npos);
  }
}

TEST(Webdataset, LabelsFollowFromJsonWhereThereIsNoCls) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "names.tar", joined({sample("a", 1, "", R"({"label": "dog"})"),
                                                 sample("b", 2, "", R"({"label": "cat"})"), sample("c", 3, "")}));
  const Dataset named = open_dataset("webdataset:" + (folder.path() / "names.tar").string());
  EXPECT_EQ(named.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(labels(named), (std::vector<int>{1, 0, -1}));
  EXPECT_NE(named.notes.at(0).find("without a label: 1 of 3 (first: c)"), std::string::npos);
  write_tar(folder.path() / "numbers.tar", joined({sample("a", 1, "", R"({"label": 3})"), sample("b", 2, "-1")}));
  EXPECT_EQ(labels(open_dataset("webdataset:" + (folder.path() / "numbers.tar").string())), (std::vector<int>{3, -1}));
}

TEST(Webdataset, ReadsBothCues) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar",
            joined({sample("cat1-dog1", 1, "0", R"({"label": "cat", "shape": "cat", "texture": "dog"})"),
                    sample("dog1-elk1", 2, "1", R"({"label": "dog", "shape": "dog", "texture": "elk"})")}));
  const Dataset set = open_dataset((folder.path() / "a.tar").string());  // not taken for loose stimuli
  EXPECT_EQ(set.kind, "webdataset");
  EXPECT_TRUE(set.has_cues);
  EXPECT_EQ(set.classes, (std::vector<std::string>{"cat", "dog", "elk"}));
  EXPECT_EQ(set.items[0].shape_label, 0);
  EXPECT_EQ(set.items[0].texture_label, 1);
  EXPECT_EQ(set.items[1].texture_label, 2);
}

TEST(Webdataset, ReadsMasksAndLeavesOtherMembersOut) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar", {{"a.txt", "a caption"},
                                      {"a.PNG", ppm(1)},
                                      {"a.mask.png", test::pgm(1, 1, 200)},
                                      {"a.cls", "0"},
                                      {"a.jpg", ppm(9)},
                                      {"a.seg.png", ppm(8)},
                                      {"README", "x"},
                                      {"b.cls", "1"},
                                      {"c.webp", ppm(2)}});
  const Dataset set = open_dataset(folder.path().string());
  EXPECT_EQ(ids(set), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(set.load_image(0).pixels[0], 1);  // the first of two images
  EXPECT_EQ(set.load_mask(0)->pixels[0], 200);
  EXPECT_FALSE(set.load_mask(1));
  ASSERT_EQ(set.notes.size(), 3u);
  EXPECT_NE(set.notes[0].find("4 members"), std::string::npos) << set.notes[0];
  EXPECT_NE(set.notes[1].find("without an image (first: b)"), std::string::npos) << set.notes[1];
}

TEST(Webdataset, BadMembersAreBadImages) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar", joined({sample("good", 1, "1"),
                                             sample("word", 2, "cat"),
                                             sample("huge", 3, "99999999999999999999"),
                                             sample("far", 4, "1000000"),
                                             sample("json", 5, "0", "{\"label\": "),
                                             sample("deep", 6, "0", "[[[[[["),
                                             {{"image.jpg", "not an image"}, {"image.cls", "0"}},
                                             {{"mask.jpg", ppm(7)}, {"mask.mask.png", "no mask"}}}));
  const Dataset set = open_dataset(folder.path().string());
  ASSERT_EQ(set.items.size(), 8u);
  EXPECT_EQ(bad_reason(set, 0), "");
  EXPECT_EQ(bad_reason(set, 1), "cls: not a class index");
  EXPECT_EQ(bad_reason(set, 2), "cls: not a class index");
  EXPECT_NE(bad_reason(set, 3).find("1000000"), std::string::npos);
  EXPECT_EQ(bad_reason(set, 4), "json: cannot be parsed");
  EXPECT_EQ(bad_reason(set, 5), "json: cannot be parsed");
  EXPECT_NE(bad_reason(set, 6), "");
  EXPECT_NE(message_of<ImageError>([&] { set.load_mask(7); }), "");
  EXPECT_EQ(set.classes.size(), 2u);
  test::write_file(folder.path() / "classes.txt", "only\n");
  EXPECT_EQ(bad_reason(open_dataset(folder.path().string()), 0), "cls: class 1, and classes.txt names 1");
}

TEST(Webdataset, AFileThatVanishesGivesBadImages) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar", sample("a", 1, "0"));
  const Dataset set = open_dataset(folder.path().string());
  std::filesystem::resize_file(folder.path() / "a.tar", 512);
  EXPECT_EQ(bad_reason(set, 0), "truncated archive");
  std::filesystem::remove(folder.path() / "a.tar");
  EXPECT_EQ(bad_reason(set, 0), "no such file");
}

TEST(Webdataset, KeysThatComeInSeveralFilesAreToldApart) {
  const TemporaryFolder folder;
  for (const char* name : {"000000.tar", "000001.tar"})
    write_tar(folder.path() / name, joined({sample("0", 1, "0"), sample("1", 2, "0")}));
  EXPECT_EQ(ids(open_dataset(folder.path().string())),
            (std::vector<std::string>{"000000.tar/0", "000000.tar/1", "000001.tar/0", "000001.tar/1"}));
}

TEST(Webdataset, MembersOfOneKeyNeedNotBeAdjacent) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "a.tar", {{"a.cls", "1"}, {"b.cls", "0"}, {"b.jpg", ppm(2)}, {"a.jpg", ppm(1)}});
  const Dataset set = open_dataset(folder.path().string());
  EXPECT_EQ(ids(set), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(labels(set), (std::vector<int>{1, 0}));
}

TEST(Webdataset, RefusesWhatHoldsNoSamples) {
  const TemporaryFolder folder;
  const auto refusal = [](const std::filesystem::path& path) {
    return message_of<UsageError>([&] { open_dataset("webdataset:" + path.string()); });
  };
  EXPECT_NE(refusal(folder.path()).find("no tar file"), std::string::npos);
  write_tar(folder.path() / "clean" / "a.tar", {{"a.txt", "x"}});
  EXPECT_NE(refusal(folder.path()).find("webdataset:" + (folder.path() / "clean").string()), std::string::npos);
  EXPECT_NE(refusal(folder.path() / "clean").find("a.txt"), std::string::npos);
  EXPECT_NE(refusal(folder.path() / "absent"), "");
}

TEST(Webdataset, IsRecognisedByItsLabelsOnly) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "images.tar", {{"cat/a.jpg", ppm(1)}, {"cat/a.txt", "x"}});
  EXPECT_EQ(open_dataset((folder.path() / "images.tar").string()).kind, "folder");
  EXPECT_EQ(open_dataset(folder.path().string()).kind, "webdataset");
  write_tar(folder.path() / "images.tar", {{"cat/a.jpg", ppm(1)}, {"cat/a.cls", "0"}});
  EXPECT_EQ(open_dataset((folder.path() / "images.tar").string()).kind, "webdataset");
}

}  // namespace
}  // namespace cuebench
