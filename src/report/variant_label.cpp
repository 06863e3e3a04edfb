#include "variant_label.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

using Chain = std::vector<NamedParameters>;

Chain parse(const std::string& text) {
  try {
    return parse_chain("variant", text);
  } catch (const UsageError&) {
    return {{text, {}}};
  }
}

std::string names_of(const Chain& chain) {
  std::string names;
  for (const NamedParameters& link : chain) names += (names.empty() ? "" : "+") + link.name;
  return names;
}

/// Does some other variant with the same transforms have another value there?
bool tells_apart(const std::vector<const Chain*>& family, std::size_t link,
                 const std::pair<std::string, std::string>& parameter) {
  return std::any_of(family.begin(), family.end(), [&](const Chain* other) {
    const auto& values = (*other)[link].values;
    return std::find(values.begin(), values.end(), parameter) == values.end();
  });
}

/// An attack says nothing without its size, nor one on another model without that model.
bool always_shown(const std::pair<std::string, std::string>& parameter) {
  return parameter.first == "epsilon" || parameter.first == "against";
}

std::string label_of(const Chain& chain, const std::vector<const Chain*>& family) {
  std::string label;
  for (std::size_t link = 0; link < chain.size(); ++link) {
    if (link) label += " + ";
    label += chain[link].name;
    for (const auto& parameter : chain[link].values)
      if (always_shown(parameter) || tells_apart(family, link, parameter))
        label += " " + parameter.first + "=" + parameter.second;
  }
  return label;
}

}  // namespace

std::vector<std::string> variant_labels(const RunDescription& run) {
  std::vector<Chain> chains;
  for (const StoredVariant& variant : run.variants) chains.push_back(parse(variant.text));
  std::map<std::string, std::vector<const Chain*>> families;
  for (const Chain& chain : chains) families[names_of(chain)].push_back(&chain);
  std::vector<std::string> labels;
  for (const Chain& chain : chains) labels.push_back(label_of(chain, families.at(names_of(chain))));
  if (std::set(labels.begin(), labels.end()).size() == labels.size()) return labels;
  labels.clear();
  for (const StoredVariant& variant : run.variants) labels.push_back(variant.text);
  return labels;
}

}  // namespace cuebench
