#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/file_source.hpp>
#include <cuebench/imaging/decode.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::Compression;
using test::Member;
using test::message_of;
using test::TarFormat;
using test::TemporaryFolder;
using test::text_of;
using test::write_file;
using test::write_tar;

std::map<std::string, std::string> contents(const FileSource& source) {
  std::map<std::string, std::string> all;
  for (const auto& file : source.files) all[file.path] = text_of(source.read(file));
  return all;
}

std::string joined(const std::vector<std::string>& texts) {
  return std::accumulate(texts.begin(), texts.end(), std::string());
}

TEST(FileSource, EveryTarFormatAndCompressionGivesTheSameFiles) {
  const TemporaryFolder folder;
  const std::string deep = "b/" + std::string(60, 'd') + "/" + std::string(60, 'f') + ".png";  // needs the ustar prefix
  std::map<std::string, std::string> expected = {
      {"a/1.png", "one"}, {"a/empty.png", ""}, {"b/2.png", std::string(70'000, 'x')}, {deep, "deep"}};
  for (const auto format : {TarFormat::ustar, TarFormat::pax, TarFormat::gnu, TarFormat::v7}) {
    for (const auto compression : {Compression::none, Compression::gzip, Compression::xz, Compression::bzip2}) {
      std::vector<Member> members;
      for (const auto& [path, content] : expected) {
        if (format != TarFormat::v7 || path.size() < 100) members.push_back({path, content});
      }
      const auto path = folder.path() / "x.tar";
      write_tar(path, members, format, compression);
      auto found = contents(open_file_source(path));
      if (format == TarFormat::v7) found[deep] = "deep";
      EXPECT_EQ(found, expected) << "format " << int(format) << ", compression " << int(compression);
    }
  }
}

TEST(FileSource, LongAndForeignNamesAreReadFromExtensionHeaders) {
  const TemporaryFolder folder;
  const std::string name = std::string(200, 'n') + "/näme ü.png";
  for (const auto format : {TarFormat::pax, TarFormat::gnu}) {
    write_tar(folder.path() / "x.tar", {{name, "content"}, {"short.png", "s"}}, format);
    const auto source = open_file_source(folder.path() / "x.tar");
    ASSERT_EQ(source.files.size(), 2u);
    EXPECT_EQ(source.files[0].path, name);
    EXPECT_EQ(source.files[1].path, "short.png");
    EXPECT_EQ(text_of(source.read(source.files[1])), "s");
  }
}

TEST(FileSource, FolderAndArchiveOfItAgree) {
  const TemporaryFolder folder;
  const std::vector<Member> members = {{"z.png", "z"}, {"b/c/d.png", "d"}, {"a.png", "a"}, {"b/a.png", "ba"}};
  for (const auto& member : members) write_file(folder.path() / "files" / member.path, member.content);
  write_tar(folder.path() / "files.tar", members);
  const auto disk = open_file_source(folder.path() / "files");
  const auto archive = open_file_source(folder.path() / "files.tar");
  EXPECT_FALSE(disk.is_archive);
  EXPECT_TRUE(archive.is_archive);
  EXPECT_EQ(contents(disk), contents(archive));
  EXPECT_EQ(disk.folders, archive.folders);
  EXPECT_EQ(disk.folders, (std::vector<std::string>{"b", "b/c"}));
  EXPECT_EQ(disk.files[0].path, "a.png");
  EXPECT_EQ(disk.files[0].size, 1);
}

TEST(FileSource, LinksDevicesAndUnsafeNamesInArchivesAreIgnoredWithANote) {
  const TemporaryFolder folder;
  write_file(folder.path() / "secret.png", "secret");
  write_tar(folder.path() / "x.tar",
            {{"ok.png", "ok"},
             {"../secret.png", "escaped"},
             {"a/../../secret.png", "escaped"},
             {"/etc/passwd.png", "absolute"},
             {"link.png", "", Member::Type::symbolic_link, (folder.path() / "secret.png").string()},
             {"hard.png", "", Member::Type::hard_link, "ok.png"},
             {"null.png", "", Member::Type::device}});
  const auto source = open_file_source(folder.path() / "x.tar");
  EXPECT_EQ(contents(source), (std::map<std::string, std::string>{{"ok.png", "ok"}}));
  const auto notes = joined(source.notes);
  EXPECT_NE(notes.find("3 unsafe paths"), std::string::npos) << notes;
  EXPECT_NE(notes.find("1 symbolic link ("), std::string::npos) << notes;
  EXPECT_NE(notes.find("1 hard link ("), std::string::npos) << notes;
  EXPECT_NE(notes.find("1 device ("), std::string::npos) << notes;
}

TEST(FileSource, HiddenEntriesAreLeftOut) {
  const TemporaryFolder folder;
  const std::vector<Member> members = {{"a/.hidden.png", "h"}, {".ipynb_checkpoints/a.png", "c"}, {"a/b.png", "b"}};
  for (const auto& member : members) write_file(folder.path() / "files" / member.path, member.content);
  write_tar(folder.path() / "x.tar", members);
  for (const auto& path : {folder.path() / "files", folder.path() / "x.tar"}) {
    const auto source = open_file_source(path);
    EXPECT_EQ(contents(source), (std::map<std::string, std::string>{{"a/b.png", "b"}}));
    EXPECT_EQ(source.folders, std::vector<std::string>{"a"});
  }
}

TEST(FileSource, TheLastOfSeveralMembersOfOneNameCounts) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "x.tar", {{"./a.png", "old"}, {"b.png", "b"}, {"a.png", "new"}});
  const auto source = open_file_source(folder.path() / "x.tar");
  EXPECT_EQ(contents(source), (std::map<std::string, std::string>{{"a.png", "new"}, {"b.png", "b"}}));
  EXPECT_NE(joined(source.notes).find("repeats file names (1 times)"), std::string::npos) << joined(source.notes);
}

TEST(FileSource, SymbolicLinksOnDiskAreFollowedAndLoopsEnd) {
  const TemporaryFolder folder;
  write_file(folder.path() / "elsewhere/x.png", "x");
  write_file(folder.path() / "data/a/y.png", "y");
  std::filesystem::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "data/b");
  std::filesystem::create_directory_symlink(folder.path() / "data", folder.path() / "data/a/loop");
  std::filesystem::create_symlink("nowhere.png", folder.path() / "data/a/broken.png");
  ASSERT_EQ(::mkfifo((folder.path() / "data/a/pipe.png").c_str(), 0600), 0);
  const auto source = open_file_source(folder.path() / "data");
  std::vector<std::string> paths;
  for (const auto& file : source.files) paths.push_back(file.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"a/broken.png", "a/y.png", "b/x.png"}));
  EXPECT_NE(joined(source.notes).find("leads back to a folder"), std::string::npos);
  EXPECT_NE(joined(source.notes).find("a/pipe.png"), std::string::npos);
  EXPECT_EQ(message_of<ImageError>([&] { source.read(source.files[0]); }), "no such file");
}

TEST(FileSource, VanishedAndReplacedFilesAreImageErrorsWithoutThePath) {
  const TemporaryFolder folder;
  for (const char* name : {"a.png", "b.png"}) write_file(folder.path() / "data" / name, "x");
  const auto source = open_file_source(folder.path() / "data");
  std::filesystem::remove(folder.path() / "data/a.png");
  std::filesystem::remove(folder.path() / "data/b.png");
  std::filesystem::create_directory(folder.path() / "data/b.png");
  EXPECT_EQ(message_of<ImageError>([&] { source.read(source.files[0]); }), "no such file");
  EXPECT_EQ(message_of<ImageError>([&] { source.read(source.files[1]); }), "is a folder");
}

TEST(FileSource, ACompressedArchiveBeyondItsMemoryLimitReadsTheSameFromATemporaryFile) {
  const TemporaryFolder folder;
  std::vector<Member> members;
  for (int i = 0; i < 40; ++i) {
    members.push_back({std::to_string(i) + ".png", std::string(std::size_t(i) * 9'973, char('a' + i % 26))});
  }
  write_tar(folder.path() / "x.tar.gz", members, TarFormat::ustar, Compression::gzip);
  const auto in_memory = contents(open_file_source(folder.path() / "x.tar.gz"));
  ASSERT_EQ(in_memory.size(), members.size());
  for (const auto& member : members) EXPECT_EQ(in_memory.at(member.path), member.content);
  // 0 spills before the first byte, 3 MB after three blocks of memory and in the middle of a file.
  for (const std::int64_t limit : {0, 1, 3'000'000}) {
    EXPECT_EQ(contents(open_file_source(folder.path() / "x.tar.gz", {.memory_limit = limit})), in_memory) << limit;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(FileSource, ATemporaryFolderThatDoesNotExistIsARunErrorWithTheRemedy) {
  const TemporaryFolder folder;
  write_tar(folder.path() / "x.tar.gz", {{"a.png", "aaaa"}}, TarFormat::ustar, Compression::gzip);
  const char* before = std::getenv("TMPDIR");
  const std::string saved = before ? before : "";
  ::setenv("TMPDIR", (folder.path() / "missing").c_str(), 1);
  const auto message = message_of<RunError>([&] { open_file_source(folder.path() / "x.tar.gz", {.memory_limit = 0}); });
  before ? ::setenv("TMPDIR", saved.c_str(), 1) : ::unsetenv("TMPDIR");
  EXPECT_NE(message.find("set TMPDIR"), std::string::npos) << message;
}

TEST(FileSource, ATruncatedArchiveIsNamedWithTheRemedy) {
  const TemporaryFolder folder;
  std::string noise;  // does not compress, so that half of the file is half of the content
  for (std::uint32_t i = 0, x = 1; i < 200'000; ++i, x = x * 1664525u + 1013904223u) noise += char(x >> 24);
  for (const auto compression : {Compression::none, Compression::gzip, Compression::xz, Compression::bzip2}) {
    const auto path = folder.path() / "cut.tar";
    write_tar(path, {{"a.png", noise}, {"b.png", noise}}, TarFormat::ustar, compression);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const auto message = message_of<UsageError>([&] { open_file_source(path); });
    EXPECT_NE(message.find(path.string()), std::string::npos) << int(compression);
    EXPECT_NE(message.find("cut short"), std::string::npos) << message;
    EXPECT_NE(message.find("fetch it again"), std::string::npos) << message;
  }
}

TEST(FileSource, AnArchiveWithoutItsEndMarkIsOpenedWithANote) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "x.tar";
  write_tar(path, {{"a.png", "a"}});
  std::filesystem::resize_file(path, 1024);
  const auto source = open_file_source(path);
  EXPECT_EQ(source.files.size(), 1u);
  EXPECT_NE(joined(source.notes).find("end mark"), std::string::npos);
}

TEST(FileSource, DamagedHeadersAreUsageErrorsWithTheByte) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "x.tar";
  write_tar(path, {{"a.png", "a"}, {"b.png", "b"}});
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1024 + 124);
    file << "99";
  }
  const auto message = message_of<UsageError>([&] { open_file_source(path); });
  EXPECT_NE(message.find("at byte 1024"), std::string::npos) << message;
}

TEST(FileSource, AFileThatIsNoArchiveIsAUsageError) {
  const TemporaryFolder folder;
  write_file(folder.path() / "x.txt", std::string(2000, 'x'));
  write_file(folder.path() / "small.txt", "x");
  write_file(folder.path() / "nothing", "");
  for (const char* name : {"x.txt", "small.txt", "nothing", "absent"}) {
    EXPECT_NE(message_of<UsageError>([&] { open_file_source(folder.path() / name); }).find(name), std::string::npos);
  }
}

TEST(FileSource, ParallelReadsEqualSerialReads) {
  const TemporaryFolder folder;
  std::vector<Member> members;
  for (int i = 0; i < 200; ++i) {
    members.push_back({std::to_string(i) + ".png", std::string(std::size_t(i) * 331, char(i))});
    write_file(folder.path() / "files" / members.back().path, members.back().content);
  }
  write_tar(folder.path() / "x.tar", members);
  write_tar(folder.path() / "x.tar.gz", members, TarFormat::pax, Compression::gzip);
  const auto expected = contents(open_file_source(folder.path() / "files"));
  for (const auto& [name, limit] :
       std::map<std::string, std::int64_t>{{"files", 0}, {"x.tar", 0}, {"x.tar.gz", 1 << 29}}) {
    const auto source = open_file_source(folder.path() / name, {.memory_limit = limit});
    std::vector<std::size_t> different(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < different.size(); ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t i = 0; i < source.files.size(); ++i) {
          const auto& file = source.files[(i * 7 + t * 50) % source.files.size()];
          different[t] += text_of(source.read(file)) != expected.at(file.path);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(different, std::vector<std::size_t>(4, 0)) << name;
  }
}

TEST(FileSource, PeekSeesAPartAndNeverThrows) {
  const TemporaryFolder folder;
  std::vector<Member> members;
  for (int i = 0; i < 50; ++i) members.push_back({"c/" + std::to_string(i) + ".png", "x"});
  for (const auto& member : members) write_file(folder.path() / "files" / member.path, member.content);
  write_tar(folder.path() / "x.tar", members);
  EXPECT_EQ(peek_file_paths(folder.path() / "x.tar", 10).size(), 10u);
  EXPECT_EQ(peek_file_paths(folder.path() / "x.tar", 100).size(), 50u);
  EXPECT_LE(peek_file_paths(folder.path() / "files", 10).size(), 10u);
  EXPECT_EQ(peek_file_paths(folder.path() / "files", 100).size(), 50u);
  EXPECT_TRUE(peek_file_paths(folder.path() / "absent", 10).empty());
}

TEST(ImageExtension, IsThatOfImageFolderInAnyCase) {
  for (const char* name :
       {"a.jpg", "a.JPEG", "b/a.Png", "a.ppm", "a.bmp", "a.pgm", "a.tif", "a.tiff", "a.WEBP", "a.b.jpg"}) {
    EXPECT_TRUE(has_image_extension(name)) << name;
  }
  for (const char* name : {"a", "jpg", "a.gif", "a.jp2", "a.txt", "a.jpg.txt", "a.jpg/b", ""}) {
    EXPECT_FALSE(has_image_extension(name)) << name;
  }
  EXPECT_EQ(without_image_extension("x/a.b.JPG"), "x/a.b");
}

RC_GTEST_PROP(FileSourceProperty, PathsAreUniqueSortedAndIndependentOfMemberOrder, ()) {
  const auto names = *rc::gen::resize(
      30, rc::gen::container<std::vector<std::string>>(
              rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/.0 -Z\xc3"))))));
  std::map<std::string, std::string> seen;
  std::vector<Member> members;
  for (const auto& name : names) {
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) { return c != '/' && c != '.'; });
    if (is_plain && seen.emplace(name, name).second) members.push_back({name, name});
  }
  const TemporaryFolder folder;
  write_tar(folder.path() / "x.tar", members, TarFormat::gnu);
  std::reverse(members.begin(), members.end());
  write_tar(folder.path() / "y.tar", members, TarFormat::gnu);
  const auto first = open_file_source(folder.path() / "x.tar");
  const auto second = open_file_source(folder.path() / "y.tar");
  RC_ASSERT(contents(first) == seen);
  RC_ASSERT(std::equal(first.files.begin(), first.files.end(), second.files.begin(), second.files.end(),
                       [](const auto& a, const auto& b) { return a.path == b.path && a.size == b.size; }));
  RC_ASSERT(std::is_sorted(first.files.begin(), first.files.end(),
                           [](const auto& a, const auto& b) { return a.path < b.path; }));
}

}  // namespace
}  // namespace cuebench
