#pragma once
// The two ways a command ends early. A message is one sentence that names the thing, the place and the remedy.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

/// The request is wrong (flag, file, value). The program prints the sentence and exits with 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The request is right and this program cannot do it for want of LibTorch: another program of the project may.
class NeedsLibTorch : public UsageError {
 public:
  using UsageError::UsageError;
};

/// The request was right and the work failed (disk full, file vanished). The program exits with 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The names nearest to `wanted` by edit distance, best first, at most `count`, none further than about half its
/// length.
std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known,
                                       std::size_t count = 3);

/// "unknown KIND 'WANTED': did you mean a, b? (`REMEDY` lists all)"; for every unknown name that a user typed.
std::string unknown_name_message(std::string_view kind, std::string_view wanted, const std::vector<std::string>& known,
                                 std::string_view remedy);

}  // namespace cuebench
