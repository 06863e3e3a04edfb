#pragma once
// What every reader of one file shares: its name for messages, and how much memory it may still ask for.

#include <cstdint>
#include <string>
#include <string_view>

#include <cuebench/networks/checkpoint.hpp>

namespace cuebench {

/// Bytes from a file as they may stand in a message: printable ASCII, at most `limit` characters.
std::string printable(std::string_view text, std::size_t limit = 80);

/// The same between single quotes.
std::string in_quotes(std::string_view text, std::size_t limit = 80);

/// "[16, 3, 3, 3]".
std::string shape_text(const std::vector<std::int64_t>& shape);

class CheckpointFile {
 public:
  CheckpointFile(std::string_view name, std::uint64_t bytes)
      : name_(name), budget_(bytes * kMemoryPerByte + kMemoryFloor) {}

  /// Throws CheckpointError: "'NAME' CAUSE".
  [[noreturn]] void refuse(CheckpointProblem problem, std::string_view cause) const {
    throw CheckpointError(problem, "'" + name_ + "' " + std::string(cause));
  }

  /// Asks for memory before it is taken. Views may repeat an element without end, and compressed entries may be bombs;
  /// weights that are stored once and used a few times never come near the limit.
  void take_memory(std::uint64_t bytes) {
    if (bytes > budget_)
      refuse(CheckpointProblem::size_limit,
             "would take far more memory than its size justifies: refused; save the weights again with "
             "torch.save(model.state_dict())");
    budget_ -= bytes;
  }

 private:
  static constexpr std::uint64_t kMemoryPerByte = 16;
  static constexpr std::uint64_t kMemoryFloor = std::uint64_t{32} << 20;

  std::string name_;
  std::uint64_t budget_;
};

}  // namespace cuebench
