#include "short_names.hpp"

#include <algorithm>
#include <utility>

#include <cuebench/core/parameters.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {
namespace {

using Chain = std::vector<NamedParameters>;
using Parameter = std::pair<std::string, std::string>;

bool has(const NamedParameters& step, const Parameter& parameter) {
  return std::find(step.values.begin(), step.values.end(), parameter) != step.values.end();
}

bool is_default(const std::string& transform, const Parameter& parameter) {
  const Chain with_defaults = parse_chain("variant", canonical_variant(transform));
  return has(with_defaults.front(), parameter);
}

bool has_same_transforms(const Chain& a, const Chain& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& left, const auto& right) { return left.name == right.name; });
}

std::string short_name(const Chain& chain, const std::vector<Chain>& all) {
  std::string text;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    text += (i > 0 ? " + " : "") + chain[i].name;
    for (const auto& parameter : chain[i].values) {
      const bool tells_apart = std::any_of(all.begin(), all.end(), [&](const Chain& other) {
        return has_same_transforms(chain, other) && !has(other[i], parameter);
      });
      if (tells_apart || !is_default(chain[i].name, parameter)) text += ' ' + parameter.first + '=' + parameter.second;
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> short_names(const std::vector<std::string>& variants) {
  std::vector<Chain> chains;
  chains.reserve(variants.size());
  for (const auto& text : variants) chains.push_back(parse_chain("variant", text));
  std::vector<std::string> names;
  names.reserve(chains.size());
  for (const Chain& chain : chains) names.push_back(short_name(chain, chains));
  return names;
}

}  // namespace cuebench
