#pragma once
// The numbers of the reference (variants.json), by the name of their transform.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/imaging/image.hpp>

#include "test_data.hpp"

namespace cuebench::test {

using Json = nlohmann::json;
using Values = std::vector<double>;

class Fixtures {
 public:
  explicit Fixtures(const std::filesystem::path& path) : all_(Json::parse(std::ifstream(path))) {}

  /// Calls check(case) for each case whose transform is `transform`; returns how many there were.
  template <typename Check>
  int each(const std::string& transform, Check check) const {
    int count = 0;
    for (const Json& one : all_["cases"]) {
      if (one["transform"] != transform) continue;
      SCOPED_TRACE(one["id"].get<std::string>());
      check(one);
      ++count;
    }
    return count;
  }
  Image image(const std::string& name) const {
    const Json& input = all_["inputs"][name];
    Image result(input["shape"][0], input["shape"][1]);
    result.pixels = input["data"].get<std::vector<std::uint8_t>>();
    return result;
  }
  Plane plane(const std::string& name) const {
    const Json& input = all_["inputs"][name];
    Plane result(input["shape"][0], input["shape"][1]);
    result.pixels = input["data"].get<std::vector<std::uint8_t>>();
    return result;
  }

 private:
  Json all_;
};

template <typename Found>
void expect_values(const Json& one, const Found& found) {
  const Values expected = one["expect"]["data"].get<Values>();
  const double tolerance = one["tolerance"]["abs"];
  std::size_t i = 0;
  for (const auto value : found) {
    ASSERT_LT(i, expected.size());
    ASSERT_NEAR(static_cast<double>(value), expected[i], tolerance) << "value " << i;
    ++i;
  }
  ASSERT_EQ(i, expected.size());
}

}  // namespace cuebench::test

#define OPEN_FIXTURES(name)                                                 \
  CUEBENCH_REQUIRE_SHARED(name##_path, "reference/fixtures/variants.json"); \
  const ::cuebench::test::Fixtures name(name##_path)
