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

/// A parameter's value, and how it is written.
struct Setting {
  double value;
  std::string text;
  int variant;
};

/// Every way to star one numeric parameter of the variant, with the parameter's value.
std::vector<std::pair<Family, Setting>> families_of(const std::string& text, int variant) {
  std::vector<std::pair<Family, Setting>> families;
  std::vector<NamedParameters> chain;
  try {
    chain = parse_chain("variant", text);
  } catch (const UsageError&) {
    return families;
  }
  for (std::size_t link = 0; link < chain.size(); ++link)
    for (std::size_t key = 0; key < chain[link].values.size(); ++key)
      if (const auto value = finite_number(chain[link].values[key].second))
        families.emplace_back(Family{write_chain(chain, link, key), chain[link].values[key].first},
                              Setting{*value, chain[link].values[key].second, variant});
  return families;
}

/// Ascending, the first variant of equal values.
VariantSweep make_sweep(const Family& family, std::vector<Setting> settings) {
  std::stable_sort(settings.begin(), settings.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  const auto same = [](const auto& a, const auto& b) { return a.value == b.value; };
  settings.erase(std::unique(settings.begin(), settings.end(), same), settings.end());
  VariantSweep sweep{family.text, transforms_of(family.text), family.parameter, {}, {}};
  for (Setting& setting : settings) {
    sweep.points.emplace_back(setting.value, setting.variant);
    sweep.values.push_back(std::move(setting.text));
  }
  const double low = settings.front().value, high = settings.back().value;
  sweep.logarithmic = low > 0 && high / low >= 16;
  return sweep;
}

}  // namespace

std::vector<VariantSweep> find_sweeps(const RunDescription& run) {
  std::map<Family, std::vector<Setting>> members;
  for (std::size_t variant = 1; variant < run.variants.size(); ++variant)
    for (auto& [family, setting] : families_of(run.variants[variant].text, static_cast<int>(variant)))
      members[family].push_back(std::move(setting));

  std::vector<VariantSweep> sweeps;
  for (auto& [family, settings] : members)
    if (VariantSweep sweep = make_sweep(family, std::move(settings)); sweep.points.size() > 1)
      sweeps.push_back(std::move(sweep));
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
