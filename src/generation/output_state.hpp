#pragma once
// The folder .cuebench of an output folder: which request its images belong to, and which blocks of items are finished.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cuebench {

/// A file that lies complete under its name.
struct WrittenFile {
  std::string path;  ///< below the output folder; its first part is a variant's folder, or "masks"
  std::uintmax_t size = 0;
  std::string sha256;
};

/// What one finished block of items adds to the output.
struct FinishedBlock {
  std::string item_lines;  ///< of items.csv
  std::string bad_lines;   ///< of bad_images.csv
  std::int64_t bad_images = 0;
  std::vector<WrittenFile> files;  ///< those of one variant in data set order
};

/// The state of one output folder. Several processes (shards) may work in one folder at once: every file is replaced as
/// a whole and holds the same bytes whoever writes it. Nothing of the blocks is held in memory.
class OutputState {
 public:
  /// Opens or begins the state of `folder`; `identity` is JSON text of all that decides a byte of the output.
  /// @throws UsageError when the folder belongs to another request (naming what differs) or holds foreign files;
  /// neither with `overwrite`, which removes what a former request wrote.
  static OutputState open(const std::filesystem::path& folder, const std::string& identity, bool overwrite);

  /// The block, if it was finished and all its files are there with their sizes.
  std::optional<FinishedBlock> finished(std::int64_t block) const;
  void finish(std::int64_t block, const FinishedBlock& content) const;

 private:
  explicit OutputState(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path block_file(std::int64_t block) const;
  std::filesystem::path folder_;
};

}  // namespace cuebench
