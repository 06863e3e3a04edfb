#pragma once
// Reads NumPy .npy files of uint8 or float32 (NEP 1), for reference data.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cuebench::test {

template <typename Value>
std::vector<Value> read_npy(const std::filesystem::path& path) {
  static_assert(sizeof(Value) == 1 || std::is_same_v<Value, float>);
  std::ifstream stream(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  const std::string type = sizeof(Value) == 1 ? "'|u1'" : "'<f4'";
  if (bytes.substr(1, 5) != "NUMPY" || bytes[6] != 1 || bytes.find(type) == std::string::npos ||
      bytes.find("'fortran_order': False") == std::string::npos)
    throw std::runtime_error(path.string() + " is not a version 1 .npy file of type " + type);
  const std::size_t begin = 10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
  std::vector<Value> values((bytes.size() - begin) / sizeof(Value));
  std::copy(bytes.begin() + begin, bytes.end(), reinterpret_cast<char*>(values.data()));
  return values;
}

}  // namespace cuebench::test
