#pragma once
// Comparison with Python: raw pixels in a folder, a script of tests/parity in between.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench::test {

/// True if /usr/bin/python3 can import `modules` ("numpy, skimage"). In CI a missing one is a failure of the test.
bool python_has(const std::string& modules);

/// Runs tests/parity/SCRIPT with `arguments`; the exit status and what it wrote.
std::pair<int, std::string> run_python(const std::string& script, const std::string& arguments);

/// height x width x 3 bytes.
void write_pixels(const std::filesystem::path& path, const Image& image);
std::vector<std::uint8_t> read_pixels(const std::filesystem::path& path);

/// Bytes that differ, and the largest difference; {-1, 256} for different sizes.
std::pair<int, int> differences(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b);

}  // namespace cuebench::test
