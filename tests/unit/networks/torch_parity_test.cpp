// The reader and torch.load find the same tensors: names, order, element types, shapes and every byte.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

constexpr int kTorchMissing = 3;

struct OracleTensor {
  std::string name, dtype, shape, digest;
  double sum, first, last;
};
using Oracle = std::map<std::string, std::vector<OracleTensor>>;

/// Runs tests/parity/networks_torch.py on the files; returns its exit status.
int run_oracle(const std::vector<std::filesystem::path>& files, Oracle& oracle) {
  std::string command = "/usr/bin/python3 '" CUEBENCH_SOURCE_DIR "/tests/parity/networks_torch.py'";
  for (const auto& file : files) command += " '" + file.string() + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return -1;
  std::string output;
  char buffer[1 << 16];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
  const int status = pclose(pipe);
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string file, number[3];
    OracleTensor tensor;
    std::getline(fields, file, '\t');
    for (std::string* field :
         {&tensor.name, &tensor.dtype, &tensor.shape, &tensor.digest, &number[0], &number[1], &number[2]})
      std::getline(fields, *field, '\t');
    tensor.sum = std::strtod(number[0].c_str(), nullptr);
    tensor.first = std::strtod(number[1].c_str(), nullptr);
    tensor.last = std::strtod(number[2].c_str(), nullptr);
    oracle[file].push_back(tensor);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string joined(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

template <typename Value>
void expect_equal(const std::vector<Value>& values, const OracleTensor& expected) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(values)));
  EXPECT_EQ(digest.finish(), expected.digest);
  double sum = 0;
  for (const Value value : values) sum += static_cast<double>(value);
  EXPECT_EQ(sum, expected.sum);
  if (values.empty()) return;
  EXPECT_EQ(static_cast<double>(values.front()), expected.first);
  EXPECT_EQ(static_cast<double>(values.back()), expected.last);
}

void expect_equal(const Checkpoint& checkpoint, const std::vector<OracleTensor>& expected) {
  ASSERT_EQ(checkpoint.tensors.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& [name, tensor] = checkpoint.tensors[i];
    SCOPED_TRACE(name);
    EXPECT_EQ(name, expected[i].name);
    EXPECT_EQ(tensor.stored_as, expected[i].dtype);
    EXPECT_EQ(joined(tensor.shape), expected[i].shape);
    EXPECT_EQ(static_cast<std::size_t>(tensor.size()), tensor.values.size() + tensor.integers.size());
    if (tensor.stored_as.find("float") != std::string::npos) {
      expect_equal(tensor.values, expected[i]);
    } else {
      expect_equal(tensor.integers, expected[i]);
    }
  }
}

void compare(const std::vector<std::filesystem::path>& files) {
  Oracle oracle;
  const int status = run_oracle(files, oracle);
  if (status == kTorchMissing) {
    if (test::must_have_shared_data()) FAIL() << "python3-torch is missing in CI";
    GTEST_SKIP() << "python3-torch is not installed: nothing to compare with";
  }
  ASSERT_EQ(status, 0);
  for (const auto& file : files) {
    SCOPED_TRACE(file.filename().string());
    ASSERT_TRUE(oracle.contains(file.filename().string()));
    expect_equal(read_checkpoint(file), oracle[file.filename().string()]);
  }
}

TEST(TorchParity, PublishedFilesHaveTheTensorsThatTorchLoads) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  std::vector<std::filesystem::path> files;
  for (const char* name : {"original", "converted"})
    for (const auto& entry : std::filesystem::directory_iterator(folder / name)) {
      const auto extension = entry.path().extension();
      if (extension == ".pth" || extension == ".th" || extension == ".model") files.push_back(entry.path());
    }
  std::sort(files.begin(), files.end());
  ASSERT_GE(files.size(), 23U);
  compare(files);
}

TEST(TorchParity, ControlsHaveTheTensorsThatTorchLoads) {
  CUEBENCH_REQUIRE_SHARED(bad, "data/checkpoints/bad");
  compare({bad / "ok_small.pth", bad / "ok_small_legacy.pth", bad / "ok_strided.pth", bad / "ok_half.pth",
           bad / "zip_deflated_ok.pth"});
}

TEST(TorchParity, ElementTypesViewsAndProtocolsAreReadAsTorchReadsThem) {
  std::vector<std::filesystem::path> files;
  for (const char* name : {"element_types.pth", "views.pth", "views_legacy.pth", "protocol4.pth",
                           "protocol5_legacy.pth", "legacy_storage_view.pth", "python2_pairs.pth", "stride_of_one.pth"})
    files.push_back(test::test_file("networks") / name);
  compare(files);
}

}  // namespace
}  // namespace cuebench
