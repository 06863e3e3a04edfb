// Inputs that the fuzzer found worth keeping, replayed through its own target: each takes a path that others do not,
// and none may crash.

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>

#include "../../fuzz/networks_checkpoint.cpp"
#include "test_data.hpp"

namespace {

TEST(FuzzCorpus, EveryInputLoadsOrIsRefused) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cuebench::test::test_file("networks/fuzz"))) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto bytes = cuebench::read_file(entry.path());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    ++files;
  }
  EXPECT_GE(files, 50U);
}

}  // namespace
