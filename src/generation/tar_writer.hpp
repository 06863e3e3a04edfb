#pragma once
// One tar archive, written member by member.

#include <exception>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/files.hpp>

struct archive;
struct archive_entry;

namespace cuebench {

/// ustar, with pax headers only for names that it cannot hold; members belong to user 0 and have time 0, so that the
/// bytes follow from names and contents alone. The file appears under its name when it is finished.
class TarWriter {
 public:
  /// @throws RunError, as all functions here, naming the file, the reason and the remedy.
  explicit TarWriter(const std::filesystem::path& path);
  TarWriter(TarWriter&&) = delete;
  ~TarWriter();

  void add(const std::string& name, std::string_view content);
  /// Writes the end mark and puts the file in its place. Returns its size and SHA-256.
  std::pair<std::uintmax_t, std::string> finish();

 private:
  struct FreeArchive {
    void operator()(archive* writer) const;
  };
  struct FreeEntry {
    void operator()(archive_entry* entry) const;
  };
  std::ptrdiff_t take(std::string_view content) noexcept;
  void require(bool succeeded) const;

  std::filesystem::path path_;
  FileWriter file_;
  Sha256 digest_;
  std::exception_ptr failure_;  // of the file: exceptions cannot pass through libarchive
  std::unique_ptr<archive_entry, FreeEntry> entry_;
  std::unique_ptr<archive, FreeArchive> archive_;
};

}  // namespace cuebench
