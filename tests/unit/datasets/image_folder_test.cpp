#include <algorithm>
#include <cstdio>
#include <memory>
#include <numeric>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "samples.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

using test::Member;
using test::message_of;
using test::ppm;
using test::TemporaryFolder;
using test::write_file;
using test::write_tar;

constexpr const char* kPython = "/usr/bin/python3";

std::vector<std::string> ids(const Dataset& dataset) {
  std::vector<std::string> all;
  for (const auto& item : dataset.items) all.push_back(item.id);
  return all;
}

std::vector<int> labels(const Dataset& dataset) {
  std::vector<int> all;
  for (const auto& item : dataset.items) all.push_back(item.label);
  return all;
}

std::string notes(const Dataset& dataset) {
  return std::accumulate(dataset.notes.begin(), dataset.notes.end(), std::string());
}

void write_files(const std::filesystem::path& folder, const std::vector<std::string>& paths) {
  for (const auto& path : paths) write_file(folder / path, ppm(1));
}

std::vector<Member> members(const std::vector<std::string>& paths) {
  std::vector<Member> all;
  for (const auto& path : paths) all.push_back({path, ppm(1)});
  return all;
}

/// "label<tab>path" lines of the Python oracle.
std::string run_oracle(const std::filesystem::path& folder) {
  const std::string command = std::string(kPython) +
                              " '" CUEBENCH_SOURCE_DIR "/tests/parity/datasets_image_folder.py' '" + folder.string() +
                              "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string output;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) output += char(c);
  return output;
}

TEST(ImageFolder, ClassesAreTheFoldersInTextOrderAndIdsTheRelativePaths) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"dog/2.PNG", "Cat/b.jpg", "dog/1.ppm", "ant/deep/x.webp", "dog/10.tiff"});
  const auto dataset = open_dataset("folder:" + folder.path().string());
  EXPECT_EQ(dataset.kind, "folder");
  EXPECT_EQ(dataset.source, "folder:" + folder.path().string());
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"Cat", "ant", "dog"}));
  EXPECT_EQ(ids(dataset),
            (std::vector<std::string>{"Cat/b.jpg", "ant/deep/x.webp", "dog/1.ppm", "dog/10.tiff", "dog/2.PNG"}));
  EXPECT_EQ(labels(dataset), (std::vector<int>{0, 1, 2, 2, 2}));
  EXPECT_EQ(dataset.items[0].bytes, std::int64_t(ppm(1).size()));
  EXPECT_FALSE(dataset.has_cues);
  EXPECT_EQ(dataset.items[0].shape_label, -1);
  EXPECT_TRUE(dataset.notes.empty()) << notes(dataset);
  EXPECT_FALSE(dataset.load_mask(0));
}

TEST(ImageFolder, OrderEqualsThatOfTorchvisionsAlgorithm) {
  if (!std::filesystem::exists(kPython)) GTEST_SKIP() << kPython << " is not here";
  const TemporaryFolder folder;
  write_files(folder.path(),
              {"a/x.png", "a/b/y.png", "a/b-c/y.png", "a/b.png", "a/c/d/1.jpg", "a-b/1.jpg", "a b/1.jpg", "A/1.JPG",
               "10/1.jpg", "9/1.jpg", "9/note.txt", "é/ü.png", "z/.png", "z/a.jpeg", "z/gif.gif"});
  write_file(folder.path() / "elsewhere.jpg", "x");
  std::filesystem::create_directory(folder.path() / "empty");
  std::filesystem::create_directory_symlink("a", folder.path() / "link");
  const auto dataset = open_dataset("folder:" + folder.path().string());
  std::string found;
  for (const auto& item : dataset.items) found += std::to_string(item.label) + '\t' + item.id + '\n';
  std::string expected = run_oracle(folder.path());
  // The one difference meant: names that begin with a dot are left out.
  const std::string hidden = "8\tz/.png\n";
  ASSERT_NE(expected.find(hidden), std::string::npos) << expected;
  expected.erase(expected.find(hidden), hidden.size());
  EXPECT_EQ(found, expected);
}

TEST(ImageFolder, HiddenFoldersShiftNoLabels) {
  const TemporaryFolder folder;
  write_files(folder.path(), {".ipynb_checkpoints/a.png", "cat/1.png", "cat/.DS_Store.png", "dog/1.png"});
  const auto dataset = open_dataset(folder.path().string());
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(ids(dataset), (std::vector<std::string>{"cat/1.png", "dog/1.png"}));
}

TEST(ImageFolder, NumberedFoldersStayInTextOrderWithANoteOnlyWhereItMatters) {
  const TemporaryFolder folder;
  write_files(folder.path() / "text", {"0/a.png", "1/a.png", "10/a.png", "2/a.png"});
  write_files(folder.path() / "same", {"00/a.png", "01/a.png", "02/a.png", "10/a.png"});
  const auto text = open_dataset((folder.path() / "text").string());
  EXPECT_EQ(text.classes, (std::vector<std::string>{"0", "1", "10", "2"}));
  EXPECT_NE(notes(text).find("0, 1, 10, 2"), std::string::npos) << notes(text);
  EXPECT_TRUE(open_dataset((folder.path() / "same").string()).notes.empty());
}

TEST(ImageFolder, AFlatFolderHasNoLabelsAndSaysSo) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"b.png", "a.png"});
  std::filesystem::create_directory(folder.path() / "empty");
  const auto dataset = open_dataset(folder.path().string());
  EXPECT_TRUE(dataset.classes.empty());
  EXPECT_EQ(ids(dataset), (std::vector<std::string>{"a.png", "b.png"}));
  EXPECT_EQ(labels(dataset), (std::vector<int>{-1, -1}));
  EXPECT_NE(notes(dataset).find("no labels"), std::string::npos);
}

TEST(ImageFolder, FilesThatAreNoImagesAreCountedInANote) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"cat/1.png", "cat/noext", "index.csv", "cat/2.gif", "stray.png"});
  const auto dataset = open_dataset(folder.path().string());
  EXPECT_EQ(ids(dataset), std::vector<std::string>{"cat/1.png"});
  EXPECT_NE(notes(dataset).find("Left out: 3 files without an image extension (first: cat/2.gif)."), std::string::npos)
      << notes(dataset);
  EXPECT_NE(notes(dataset).find("Left out: 1 image beside the class folders (first: stray.png)."), std::string::npos);
}

TEST(ImageFolder, EmptyClassFoldersKeepTheirIndexWithANote) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"ant/1.png", "cat/1.png"});
  std::filesystem::create_directory(folder.path() / "bee");
  const auto dataset = open_dataset(folder.path().string());
  EXPECT_EQ(dataset.classes, (std::vector<std::string>{"ant", "bee", "cat"}));
  EXPECT_EQ(labels(dataset), (std::vector<int>{0, 2}));
  EXPECT_NE(notes(dataset).find("bee"), std::string::npos);
}

TEST(ImageFolder, PartsOfADataSetAreNotTakenForClassesInSilence) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"train/cat/1.png", "val/cat/1.png"});
  EXPECT_NE(notes(open_dataset(folder.path().string())).find("open one of these folders"), std::string::npos);
}

TEST(ImageFolder, ALoneTopFolderIsSteppedIntoInFoldersAndArchives) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {"data/test/dog/1.png", "data/test/cat/1.png", "data/README"};
  write_files(folder.path() / "files", paths);
  write_tar(folder.path() / "x.tar", members(paths));
  for (const char* name : {"files", "x.tar"}) {
    const auto dataset = open_dataset((folder.path() / name).string());
    EXPECT_EQ(dataset.classes, (std::vector<std::string>{"cat", "dog"})) << name;
    EXPECT_EQ(ids(dataset), (std::vector<std::string>{"cat/1.png", "dog/1.png"}));
    EXPECT_NE(notes(dataset).find("'data/test/'"), std::string::npos);
    EXPECT_EQ(dataset.load_image(1).pixels, (std::vector<std::uint8_t>{1, 0, 0}));
  }
}

TEST(ImageFolder, ALoneClassFolderStaysAClass) {
  const TemporaryFolder folder;
  write_files(folder.path(), {"cat/1.png", "cat/deep/2.png"});
  const auto dataset = open_dataset(folder.path().string());
  EXPECT_EQ(dataset.classes, std::vector<std::string>{"cat"});
  EXPECT_EQ(ids(dataset), (std::vector<std::string>{"cat/1.png", "cat/deep/2.png"}));
}

TEST(ImageFolder, DigestFollowsTheListingAndIsTheSameForAnArchive) {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {"cat/1.png", "dog/1.png"};
  write_files(folder.path() / "files", paths);
  write_tar(folder.path() / "x.tar", members(paths));
  const auto digest = [&](const char* name) { return open_dataset((folder.path() / name).string()).digest; };
  const auto before = digest("files");
  EXPECT_EQ(before.size(), 64u);
  EXPECT_EQ(digest("x.tar"), before);
  write_file(folder.path() / "files/dog/1.png", ppm(2) + "longer");
  EXPECT_NE(digest("files"), before);
  write_file(folder.path() / "files/dog/1.png", ppm(1));
  EXPECT_EQ(digest("files"), before);
  std::filesystem::rename(folder.path() / "files/dog", folder.path() / "files/ant");
  EXPECT_NE(digest("files"), before);
}

TEST(ImageFolder, ABadImageIsAnImageErrorWithOneLineAndWithoutThePath) {
  const TemporaryFolder folder;
  write_file(folder.path() / "cat/empty.png", "");
  write_file(folder.path() / "cat/text.png", "not an image at all");
  std::filesystem::create_symlink("nowhere", folder.path() / "cat/gone.png");
  const auto dataset = open_dataset(folder.path().string());
  ASSERT_EQ(dataset.items.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto reason = message_of<ImageError>([&] { dataset.load_image(i); });
    EXPECT_FALSE(reason.empty());
    EXPECT_EQ(reason.find('\n'), std::string::npos);
    EXPECT_EQ(reason.find(folder.path().string()), std::string::npos);
  }
  EXPECT_EQ(message_of<ImageError>([&] { dataset.load_image(1); }), "no such file");
}

TEST(ImageFolder, FoldersAndArchivesWithoutImagesAreUsageErrorsThatSayWhatIsThere) {
  const TemporaryFolder folder;
  write_file(folder.path() / "texts/readme.txt", "x");
  std::filesystem::create_directory(folder.path() / "empty");
  const auto message = [&](const char* name) {
    return message_of<UsageError>([&] { open_dataset("folder:" + (folder.path() / name).string()); });
  };
  EXPECT_NE(message("texts").find("readme.txt"), std::string::npos) << message("texts");
  EXPECT_NE(message("empty").find("it is empty"), std::string::npos) << message("empty");
}

RC_GTEST_PROP(ImageFolderProperty, IdsAreUniqueAndTheOrderDoesNotDependOnCreation, ()) {
  // Small sizes: every example is written to disk three times.
  const auto part = rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abAB01-_ "))));
  const auto pairs = *rc::gen::resize(
      8,
      rc::gen::nonEmpty(rc::gen::container<std::set<std::pair<std::string, std::string>>>(rc::gen::pair(part, part))));
  std::vector<std::string> paths;
  for (const auto& [name, file] : pairs) paths.push_back(name + "/" + file + ".ppm");
  const TemporaryFolder folder;
  write_files(folder.path() / "one", paths);
  std::reverse(paths.begin(), paths.end());
  write_files(folder.path() / "two", paths);
  write_tar(folder.path() / "three.tar", members(paths));
  const auto one = open_dataset("folder:" + (folder.path() / "one").string());
  for (const char* other : {"two", "three.tar"}) {
    const auto same = open_dataset("folder:" + (folder.path() / other).string());
    RC_ASSERT(ids(same) == ids(one));
    RC_ASSERT(labels(same) == labels(one));
    RC_ASSERT(same.digest == one.digest);
  }
  const auto all = ids(one);
  RC_ASSERT(std::set<std::string>(all.begin(), all.end()).size() == paths.size());
  for (const auto& item : one.items) {
    RC_ASSERT(one.classes[std::size_t(item.label)] == item.id.substr(0, item.id.find('/')));
  }
}

}  // namespace
}  // namespace cuebench
