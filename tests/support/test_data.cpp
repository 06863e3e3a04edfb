#include "test_data.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace cuebench::test {

std::optional<std::filesystem::path> find_shared(const std::filesystem::path& relative) {
  const char* given = std::getenv("CUEBENCH_SHARED");
  const std::filesystem::path root = given ? given : std::filesystem::path(CUEBENCH_SOURCE_DIR) / "../shared";
  std::error_code ignored;
  const auto path = std::filesystem::weakly_canonical(root / relative, ignored);
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path;
}

std::filesystem::path test_file(const std::filesystem::path& relative) {
  return std::filesystem::path(CUEBENCH_SOURCE_DIR) / "tests/data" / relative;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "cuebench-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool must_have_shared_data() {
  const char* ci = std::getenv("CI");
  return ci && std::string_view(ci) == "true";
}

}  // namespace cuebench::test
