#pragma once
// Where tests find data. The large reference data lie beside the checkout; without them the tests that need them skip
// with a line that says so, and fail where CI=true.

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

namespace cuebench::test {

/// ../shared (or $CUEBENCH_SHARED) joined with `relative`, if it exists.
std::optional<std::filesystem::path> find_shared(const std::filesystem::path& relative);

/// tests/data/RELATIVE of the source tree.
std::filesystem::path test_file(const std::filesystem::path& relative);

/// A new empty folder that is removed when the object goes.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// True when the continuous-integration environment is set: there, missing reference data are a failure.
bool must_have_shared_data();

}  // namespace cuebench::test

/// Defines `variable` as the path, or skips (fails in CI) when the reference data are not there.
#define CUEBENCH_REQUIRE_SHARED(variable, relative)                                                        \
  const auto variable##_found = ::cuebench::test::find_shared(relative);                                   \
  if (!variable##_found) {                                                                                 \
    if (::cuebench::test::must_have_shared_data()) FAIL() << "reference data missing in CI: " << relative; \
    GTEST_SKIP() << "reference data not here: ../shared/" << relative;                                     \
  }                                                                                                        \
  const std::filesystem::path variable = *variable##_found
