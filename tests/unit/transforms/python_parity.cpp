#include "python_parity.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>

#include "test_data.hpp"

namespace cuebench::test {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

/// Runs a command and returns its exit status and what it wrote.
std::pair<int, std::string> run(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return {-1, "popen failed"};
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), count);
  return {pclose(pipe), output};
}

}  // namespace

bool python_has(const std::string& modules) {
  if (run(std::string(kPython) + " -c 'import " + modules + "'").first == 0) return true;
  if (must_have_shared_data()) ADD_FAILURE() << "in CI " << kPython << " must have " << modules;
  return false;
}

std::pair<int, std::string> run_python(const std::string& script, const std::string& arguments) {
  return run(std::string(kPython) + " '" CUEBENCH_SOURCE_DIR "/tests/parity/" + script + "' " + arguments);
}

void write_pixels(const std::filesystem::path& path, const Image& image) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.pixels.data()), std::streamsize(image.pixels.size()));
}

std::vector<std::uint8_t> read_pixels(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  std::vector<std::uint8_t> pixels(bytes.size());
  std::transform(bytes.begin(), bytes.end(), pixels.begin(), [](std::byte b) { return std::uint8_t(b); });
  return pixels;
}

std::pair<int, int> differences(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  if (a.size() != b.size()) return {-1, 256};
  int count = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    count += a[i] != b[i];
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return {count, largest};
}

}  // namespace cuebench::test
