#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/file_source.hpp>

#include "byte_store.hpp"
#include "byte_stream.hpp"
#include "folder_listing.hpp"
#include "tar_index.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kPeekBytes = std::int64_t{8} << 20;

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// Sorts by path. Where a path comes more than once, the last one wins, as it does when an archive is unpacked.
std::int64_t sort_and_unite(std::vector<SourceFile>& files) {
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i + 1 < files.size() && files[i + 1].path == files[i].path) continue;
    if (kept != i) files[kept] = std::move(files[i]);
    ++kept;
  }
  const auto repeated = std::int64_t(files.size() - kept);
  files.resize(kept);
  return repeated;
}

void add_parents_and_sort(std::vector<std::string>& folders, const std::vector<SourceFile>& files) {
  std::string last;
  for (const auto& file : files) {
    const auto slash = file.path.rfind('/');
    if (slash == std::string::npos || file.path.compare(0, slash, last) == 0) continue;
    last = file.path.substr(0, slash);
    folders.push_back(last);
  }
  for (std::size_t i = 0, given = folders.size(); i < given; ++i) {
    for (auto slash = folders[i].rfind('/'); slash != std::string::npos; slash = folders[i].rfind('/', slash - 1)) {
      folders.push_back(folders[i].substr(0, slash));
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
}

FileSource open_archive(const std::filesystem::path& path, const FileSourceOptions& options) {
  ByteStream stream(path);
  const auto store = stream.compressed() ? std::make_shared<ByteStore>(options.memory_limit)
                                         : std::make_shared<ByteStore>(ByteStore::of_file(path));
  TarIndex index = read_tar_index(stream, stream.compressed() ? store.get() : nullptr);
  FileSource source;
  source.is_archive = true;
  source.files = std::move(index.files);
  source.folders = std::move(index.folders);
  for (const auto& [kind, ignored] : index.ignored) {
    source.notes.push_back(ignored.note(kind, kind == "unknown entry" ? "unknown entries" : kind + "s"));
  }
  if (!index.has_end_marker) {
    source.notes.push_back(
        fmt::format("'{}' ends without the end mark of a tar archive: it may be cut short.", path.string()));
  }
  source.read = [store](const SourceFile& file) { return store->read(file.offset, file.size); };
  return source;
}

}  // namespace

FileSource open_file_source(const std::filesystem::path& path, const FileSourceOptions& options) {
  FileSource source;
  if (is_folder(path)) {
    source = list_folder(path);
    source.read = [path](const SourceFile& file) { return read_image_file(path / file.path); };
  } else {
    source = open_archive(path, options);
  }
  if (const auto repeated = sort_and_unite(source.files); repeated > 0) {
    source.notes.push_back(
        fmt::format("'{}' repeats file names ({} times): the last file of each name counts.", path.string(), repeated));
  }
  add_parents_and_sort(source.folders, source.files);
  return source;
}

std::vector<std::string> peek_file_paths(const std::filesystem::path& path, std::size_t count) {
  std::vector<SourceFile> files;
  try {
    if (is_folder(path)) {
      files = list_folder(path, count).files;
    } else if (starts_as_tar(path)) {
      ByteStream stream(path);
      files = read_tar_index(stream, nullptr, {count, stream.compressed() ? kPeekBytes : INT64_MAX}).files;
    }
  } catch (const UsageError&) {
    return {};  // opening the source will say what is wrong
  }
  std::vector<std::string> paths;
  for (auto& file : files) paths.push_back(std::move(file.path));
  return paths;
}

bool has_image_extension(std::string_view path) {
  return without_image_extension(path).size() < path.size();
}

std::string_view without_image_extension(std::string_view path) {
  static constexpr std::array<std::string_view, 9> kExtensions = {".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                                  ".pgm", ".tif",  ".tiff", ".webp"};
  const auto dot = path.rfind('.');
  if (dot == path.npos) return path;
  std::string extension(path.substr(dot));
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  const bool known = std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
  return known ? path.substr(0, dot) : path;
}

}  // namespace cuebench
