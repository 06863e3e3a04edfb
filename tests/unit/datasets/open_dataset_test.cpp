#include <set>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::message_of;
using test::ppm;
using test::TemporaryFolder;
using test::write_file;
using test::write_tar;

std::string error(const std::string& source) {
  return message_of<UsageError>([&] { open_dataset(source); });
}

TEST(OpenDataset, ReadersHaveUniqueNamesAndSummaries) {
  std::set<std::string_view> names;
  for (const auto* reader : registered_readers()) {
    EXPECT_TRUE(names.insert(reader->name).second) << reader->name;
    EXPECT_FALSE(reader->summary.empty());
  }
  for (const char* kind : {"folder", "cifar10", "cifar100", "list", "geirhos"})
    EXPECT_TRUE(names.contains(kind)) << kind;
}

TEST(OpenDataset, UnknownKindsNameTheNearest) {
  EXPECT_NE(error("foldr:/tmp").find("did you mean folder"), std::string::npos) << error("foldr:/tmp");
  EXPECT_NE(error("cifar:/tmp").find("cifar10"), std::string::npos) << error("cifar:/tmp");
}

TEST(OpenDataset, AbsentPathsSayHowToNameASource) {
  EXPECT_NE(error("/no/such/folder").find("not found"), std::string::npos);
  EXPECT_NE(error("").find("not found"), std::string::npos);
  for (const char* kind : {"folder", "cifar10", "cifar100", "list", "geirhos"}) {
    EXPECT_NE(error(std::string(kind) + ":/no/such/path").find("/no/such/path"), std::string::npos) << kind;
    EXPECT_NE(error(std::string(kind) + ":"), "") << kind;
  }
}

TEST(OpenDataset, APathWithAColonIsAPath) {
  const TemporaryFolder folder;
  write_file(folder.path() / "my:set/cat/a.ppm", ppm(1));
  const auto set = open_dataset((folder.path() / "my:set").string());
  EXPECT_EQ(set.kind, "folder");
  EXPECT_EQ(set.source, "folder:" + (folder.path() / "my:set").string());
}

TEST(OpenDataset, WhatIsNotRecognisedIsDescribed) {
  const TemporaryFolder folder;
  const auto at = [&](const char* name) { return (folder.path() / name).string(); };
  std::filesystem::create_directory(at("empty"));
  write_file(at("texts/a.txt"), "x");
  write_file(at("nothing"), "");
  write_file(at("a.zip"), std::string("PK\x03\x04") + std::string(100, 'x'));
  write_file(at("one.ppm"), ppm(1));
  write_file(at("notes.txt"), "just some text\n");
  write_tar(at("texts.tar"), {{"a.txt", "x"}});
  const std::vector<std::pair<const char*, const char*>> expected = {{"empty", "an empty folder"},
                                                                     {"texts", "no image was found"},
                                                                     {"nothing", "an empty file"},
                                                                     {"a.zip", "a zip archive"},
                                                                     {"one.ppm", "a single pnm image"},
                                                                     {"notes.txt", "not an archive, CSV"},
                                                                     {"texts.tar", "a tar archive in which no image"}};
  for (const auto& [name, words] : expected) {
    const auto message = error(at(name));
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_NE(message.find("cifar10, cifar100, folder, geirhos, list"), std::string::npos) << message;
  }
}

TEST(OpenDataset, ATruncatedArchiveIsReportedAsSuchAlsoWithoutAKind) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "x.tar";
  write_tar(path, {{"cat/a.png", std::string(5000, 'x')}});
  std::filesystem::resize_file(path, 3000);
  EXPECT_NE(error(path.string()).find("cut short"), std::string::npos) << error(path.string());
}

TEST(OpenDataset, AListIsRecognisedByItsHeader) {
  const TemporaryFolder folder;
  write_file(folder.path() / "files.txt", "label,path\ncat,a.ppm\n");
  write_file(folder.path() / "other.csv", "a.ppm,cat\n");
  EXPECT_EQ(open_dataset((folder.path() / "files.txt").string()).kind, "list");
  EXPECT_NE(error((folder.path() / "other.csv").string()).find("path,label"), std::string::npos);
}

}  // namespace
}  // namespace cuebench
