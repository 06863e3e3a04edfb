#pragma once
// The reference numbers of the channel statistics (activations and relevances of two tiny networks, and what follows
// from them), as an independent program computed them in float64.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <cuebench/metrics/channel_statistics.hpp>

#include "test_data.hpp"

namespace cuebench::test {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<double>>;

inline std::optional<double> number_or_null(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

/// 1e-9 absolute or relative: the fixture is written with 12 significant digits, and sums of 12 images of order 1 to 10
/// in another order differ by less than 1e-13.
inline ::testing::AssertionResult agrees(const Json& expected, std::optional<double> got, const std::string& what) {
  const auto wanted = number_or_null(expected);
  if (wanted.has_value() != got.has_value())
    return ::testing::AssertionFailure() << what << ": expected " << expected.dump() << ", got "
                                         << (got ? std::to_string(*got) : "nothing");
  if (!wanted || std::abs(*wanted - *got) <= 1e-9 * std::max(1.0, std::abs(*wanted)))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << what << ": expected " << expected.dump() << ", got " << *got;
}

/// One tapped layer of the fixture.
struct LayerFixture {
  std::string name;
  Json data;
  std::vector<int> labels;
  Rows clean, variant, relevance_clean, relevance_variant;

  std::size_t channels() const { return clean.front().size(); }
  std::size_t images() const { return clean.size(); }
  std::vector<double> class_relevance(int label) const { return data["class_relevance"][label]; }
  bool in_group(std::size_t image, const std::string& group) const {
    return group == "all" || labels[image] == std::stoi(group);
  }
  /// Sums of one group over the images listed by `blocks`, each block its own accumulator, merged in order.
  ChannelMoments moments(const Rows& activations, const Rows& relevances, const std::string& group,
                         std::size_t block_size) const {
    ChannelMoments total(channels());
    for (std::size_t first = 0; first < images(); first += block_size) {
      ChannelMoments block(channels());
      for (std::size_t i = first; i < std::min(images(), first + block_size); ++i)
        if (in_group(i, group)) block.add(activations[i], clean[i], relevances[i]);
      total.merge(block);
    }
    return total;
  }
};

inline std::vector<LayerFixture> layer_fixtures(const std::filesystem::path& path) {
  const Json all = Json::parse(std::ifstream(path));
  std::vector<LayerFixture> fixtures;
  for (const char* network : {"net_gap", "net_flat"}) {
    for (const auto& [name, data] : all[network]["layers"].items())
      fixtures.push_back({std::string(network) + "." + name, data, all[network]["labels"].get<std::vector<int>>(),
                          data["act_clean"].get<Rows>(), data["act_variant"].get<Rows>(),
                          data["rel_true_clean"].get<Rows>(), data["rel_true_variant"].get<Rows>()});
  }
  return fixtures;
}

}  // namespace cuebench::test
