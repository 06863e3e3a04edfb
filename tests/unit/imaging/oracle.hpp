#pragma once
// The records that tests/parity/imaging_pillow.py writes, read from its running process.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cuebench::test {

struct OracleRecord {
  std::string name;
  std::map<std::string, std::string> values;
  /// The binary parts: file, input, output, luminance.
  std::map<std::string, std::vector<std::uint8_t>> parts;

  int integer(const std::string& key) const { return std::stoi(values.at(key)); }
  std::vector<std::byte> file() const;
};

/// True when Debian's Python has Pillow and NumPy.
bool oracle_available();
/// Runs the script with `arguments` and hands over its records as they come. @throws std::runtime_error when it fails.
void for_each_oracle_record(const std::string& arguments, const std::function<void(const OracleRecord&)>& visit);
/// Runs Python code that reads `file` as sys.argv[1]; returns what it prints.
std::string run_python(const std::string& code, const std::string& file);

}  // namespace cuebench::test

/// Skips where there is no Pillow; fails in CI.
#define CUEBENCH_REQUIRE_PILLOW()                                                  \
  if (!::cuebench::test::oracle_available()) {                                     \
    if (::cuebench::test::must_have_shared_data()) FAIL() << "no Pillow in CI";    \
    GTEST_SKIP() << "/usr/bin/python3 has no Pillow and NumPy: parity not tested"; \
  }
