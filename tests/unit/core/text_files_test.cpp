#include <fstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

TEST(Csv, ReadsQuotesLineEndsAndByteOrderMark) {
  const auto table = parse_csv("\xef\xbb\xbfpath,label\r\n\"a,b.png\",\"x\"\"y\"\r\n\nc.png,2", "list.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"path", "label"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].fields, (std::vector<std::string>{"a,b.png", "x\"y"}));
  EXPECT_EQ(table.rows[1].line, 4u);
  EXPECT_EQ(table.column("label"), 1);
  EXPECT_EQ(table.column("absent"), -1);
}

TEST(Csv, RefusesRaggedRowsAndOpenQuotesByLine) {
  EXPECT_THROW(
      {
        try {
          parse_csv("a,b\n1,2\n3\n", "list.csv");
        } catch (const UsageError& error) {
          EXPECT_STREQ(error.what(), "list.csv, line 3: 1 fields where the header has 2");
          throw;
        }
      },
      UsageError);
  EXPECT_THROW(parse_csv("a,b\n\"1,2\n", "list.csv"), UsageError);
  EXPECT_THROW(parse_csv("", "list.csv"), UsageError);
}

RC_GTEST_PROP(Csv, AnyFieldSurvivesQuoting, (const std::string& first, const std::string& second)) {
  RC_PRE(first.find('\0') == std::string::npos);
  RC_PRE(!second.empty());
  const auto table = parse_csv("a,b\n" + csv_field(first) + "," + csv_field(second) + "\n", "x");
  RC_ASSERT(table.rows.size() == 1u);
  RC_ASSERT(table.rows[0].fields == (std::vector<std::string>{first, second}));
}

TEST(Sha256, AgreesWithThePublishedVectors) {
  EXPECT_EQ(sha256_of_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_of_text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Files, AtomicWriteReplacesAndLeavesNoPart) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "results.json";
  write_file_atomically(path, "first");
  write_file_atomically(path, "second");
  EXPECT_EQ(read_text_file(path), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(sha256_of_file(path), sha256_of_text("second"));
}

TEST(Files, ReadsFilesWhoseSizeIsNotKnown) {
  EXPECT_FALSE(read_text_file("/proc/self/status").empty());
  EXPECT_NE(read_text_file("/proc/self/status").find("VmPeak"), std::string::npos);
}

TEST(Files, FailuresNameTheFile) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(read_file(folder.path() / "absent"), UsageError);
  EXPECT_THROW(read_file(folder.path()), UsageError);
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_THROW(require_writable_folder(folder.path() / "file"), UsageError);
  EXPECT_THROW(write_file_atomically(folder.path() / "absent" / "x", "y"), RunError);
}

}  // namespace
}  // namespace cuebench
