#include "../../../src/generation/tar_writer.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Names that need every form of header: ustar, its prefix, pax; UTF-8, which is written whatever the locale.
const std::vector<std::string> kNames = {"a.png",
                                         "cat/b.cls",
                                         std::string(90, 'd') + '/' + std::string(90, 'n') + ".json",
                                         std::string(200, 'x') + ".png",
                                         "f\xc3\xbc\xc3\x9f/\xe7\x8c\xab.png",
                                         std::string(120, 'y') + "\xc3\xbc.png",
                                         "spaces and 'quotes'.png"};

TEST(TarWriter, WritesWhatTheReaderReads) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.tar";
  TarWriter tar(path);
  for (std::size_t i = 0; i < kNames.size(); ++i) tar.add(kNames[i], std::string(i * 300, char('a' + i)));
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto [size, sha256] = tar.finish();
  EXPECT_EQ(size, std::filesystem::file_size(path));
  EXPECT_EQ(sha256, sha256_of_file(path));
  const FileSource source = open_file_source(path);
  EXPECT_TRUE(source.notes.empty()) << source.notes.front();
  ASSERT_EQ(source.files.size(), kNames.size());
  for (const auto& file : source.files) {
    const auto i = std::size_t(std::find(kNames.begin(), kNames.end(), file.path) - kNames.begin());
    ASSERT_LT(i, kNames.size()) << file.path;
    EXPECT_EQ(text_of(source.read(file)), std::string(i * 300, char('a' + i)));
  }
}

TEST(TarWriter, TheBytesFollowFromNamesAndContents) {
  const test::TemporaryFolder folder;
  std::string digests[2];
  for (int i = 0; i < 2; ++i) {
    TarWriter tar(folder.path() / std::to_string(i));
    for (const auto& name : kNames) tar.add(name, "content of " + name);
    digests[i] = tar.finish().second;
  }
  EXPECT_EQ(digests[0], digests[1]);
  const std::string bytes = read_text_file(folder.path() / "0");
  EXPECT_EQ(bytes.substr(136, 11), "00000000000");                        // mtime of the first header
  EXPECT_EQ(bytes.substr(108, 6), "000000");                              // uid
  EXPECT_EQ(bytes.substr(bytes.size() - 1024), std::string(1024, '\0'));  // the end mark, and nothing behind it
}

TEST(TarWriter, LeavesNothingBehindUnlessFinished) {
  const test::TemporaryFolder folder;
  {
    TarWriter tar(folder.path() / "a.tar");
    tar.add("a.png", std::string(1 << 18, 'x'));
    EXPECT_FALSE(std::filesystem::is_empty(folder.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(TarWriter, NamesTheFileThatCannotBeWritten) {
  try {
    TarWriter tar("/nowhere/a.tar");
    FAIL() << "a tar in a folder that is not there";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/a.tar"), std::string::npos);
  }
}

TEST(FileWriter, AbandonedPartsAreRemovedAndLivingOnesKept) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder.path() / "old.tar.1.part", "left by a killed process");
  FileWriter living(folder.path() / "new.tar");
  living.write("half");
  remove_abandoned_parts(folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "old.tar.1.part"));
  living.write(" and half");
  living.commit();
  EXPECT_EQ(read_text_file(folder.path() / "new.tar"), "half and half");
}

}  // namespace
}  // namespace cuebench
