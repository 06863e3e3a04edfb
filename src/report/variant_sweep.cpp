#include "variant_sweep.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

#include "text.hpp"

namespace cuebench {
namespace {

struct Family {
  std::string text, parameter;
  friend bool operator<(const Family& a, const Family& b) {
    return std::tie(a.text, a.parameter) < std::tie(b.text, b.parameter);
  }
};

std::optional<double> finite_number(const std::string& text) {
  try {
    const double value = parse_real("value", text);
    return value - value == 0 ? std::optional(value) : std::nullopt;
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

std::string write_chain(const std::vector<NamedParameters>& chain, std::size_t starred_link, std::size_t starred_key) {
  std::string text;
  for (std::size_t link = 0; link < chain.size(); ++link) {
    if (link) text += '+';
    text += chain[link].name;
    for (std::size_t key = 0; key < chain[link].values.size(); ++key) {
      const bool starred = link == starred_link && key == starred_key;
      text +=
          (key ? "," : ":") + chain[link].values[key].first + "=" + (starred ? "*" : chain[link].values[key].second);
    }
  }
  return text;
}

/// Every way to star one numeric parameter of the variant, with the parameter's value.
std::vector<std::pair<Family, double>> families_of(const std::string& variant) {
  std::vector<std::pair<Family, double>> families;
  std::vector<NamedParameters> chain;
  try {
    chain = parse_chain("variant", variant);
  } catch (const UsageError&) {
    return families;
  }
  for (std::size_t link = 0; link < chain.size(); ++link)
    for (std::size_t key = 0; key < chain[link].values.size(); ++key)
      if (const auto value = finite_number(chain[link].values[key].second))
        families.emplace_back(Family{write_chain(chain, link, key), chain[link].values[key].first}, *value);
  return families;
}

}  // namespace

std::vector<VariantSweep> find_sweeps(const RunDescription& run) {
  std::map<Family, std::vector<std::pair<double, int>>> members;
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant)
    for (const auto& [family, value] : families_of(run.variants[variant].text))
      members[family].emplace_back(value, static_cast<int>(variant));

  std::vector<VariantSweep> sweeps;
  for (auto& [family, points] : members) {
    std::sort(points.begin(), points.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    points.erase(std::unique(points.begin(), points.end(), same), points.end());
    if (points.size() < 2) continue;
    const double low = points.front().first, high = points.back().first;
    sweeps.push_back({family.text, transforms_of(family.text), family.parameter, points, low > 0 && high / low >= 16});
  }
  std::stable_sort(sweeps.begin(), sweeps.end(),
                   [](const auto& a, const auto& b) { return a.points.size() > b.points.size(); });
  std::set<int> taken;
  std::erase_if(sweeps, [&](const VariantSweep& sweep) {
    const bool clash = std::any_of(sweep.points.begin(), sweep.points.end(),
                                   [&](const auto& point) { return taken.contains(point.second); });
    if (!clash)
      for (const auto& point : sweep.points) taken.insert(point.second);
    return clash;
  });
  std::sort(sweeps.begin(), sweeps.end(),
            [](const auto& a, const auto& b) { return a.points.front().second < b.points.front().second; });
  return sweeps;
}

}  // namespace cuebench
