#pragma once
// A large file that is written piece by piece and appears only when it is whole.

#include <filesystem>
#include <string>
#include <string_view>

namespace cuebench {

/// Writes to TARGET.part beside the target; `commit` syncs and renames. Without it the part is removed.
class PartFile {
 public:
  /// @throws RunError naming the file and the reason.
  explicit PartFile(std::filesystem::path target);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  void write(std::string_view bytes);
  void commit();

 private:
  void flush();
  std::filesystem::path target_, part_;
  std::string buffer_;
  int descriptor_ = -1;
};

}  // namespace cuebench
