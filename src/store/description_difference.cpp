#include "description_difference.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cuebench {
namespace {

using Json = nlohmann::json;
using Difference = std::optional<std::string>;

std::string shortened(std::string text) {
  constexpr std::size_t kLongest = 60;
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a UTF-8 character
  return text.substr(0, end) + "...";
}

std::string shown(const Json& value) {
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string clause(std::string_view what, const std::string& stored, const std::string& given) {
  return fmt::format("{} is {} there and {} here", what, stored, given);
}

/// The first leaf in which two JSON values differ, with its place ("models.0.preset").
Difference json_difference(const std::string& place, const Json& stored, const Json& given) {
  if (stored == given) return std::nullopt;
  const auto below = [&place](const std::string& key) { return place.empty() ? key : place + "." + key; };
  if (stored.is_object() && given.is_object()) {
    for (const auto& [key, value] : stored.items()) {
      if (!given.contains(key))
        return clause(fmt::format("the configuration's '{}'", below(key)), shown(value), "not set");
      if (auto difference = json_difference(below(key), value, given[key])) return difference;
    }
    for (const auto& [key, value] : given.items())
      if (!stored.contains(key))
        return clause(fmt::format("the configuration's '{}'", below(key)), "not set", shown(value));
  }
  if (stored.is_array() && given.is_array() && stored.size() == given.size()) {
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (auto difference = json_difference(below(std::to_string(i)), stored[i], given[i])) return difference;
  }
  return clause(place.empty() ? "the configuration" : fmt::format("the configuration's '{}'", place), shown(stored),
                shown(given));
}

Difference configuration_difference(const std::string& stored, const std::string& given) {
  if (stored == given) return std::nullopt;
  const Json before = Json::parse(stored, nullptr, false), now = Json::parse(given, nullptr, false);
  if (before.is_discarded() || now.is_discarded())
    return clause("the configuration", shortened(stored), shortened(given));
  return json_difference("", before, now);
}

template <typename Value>
Difference differ(std::string_view what, const Value& stored, const Value& given) {
  if (stored == given) return std::nullopt;
  if constexpr (std::is_convertible_v<Value, std::string>)
    return clause(what, fmt::format("'{}'", shortened(stored)), fmt::format("'{}'", shortened(given)));
  else
    return clause(what, fmt::format("{}", stored), fmt::format("{}", given));
}

Difference model_difference(const StoredModel& stored, const StoredModel& given) {
  if (auto d = differ("a model's name", stored.name, given.name)) return d;
  const std::string model = fmt::format("model '{}': its ", stored.name);
  if (auto d = differ(model + "SHA-256", stored.sha256, given.sha256)) return d;
  if (auto d = differ(model + "role", stored.role, given.role)) return d;
  if (auto d = differ(model + "architecture", stored.architecture, given.architecture)) return d;
  if (auto d = differ(model + "number of classes", stored.classes, given.classes)) return d;
  if (auto d = differ(model + "number of parameters", stored.parameters, given.parameters)) return d;
  return differ(model + "way of computing", stored.way, given.way);
}

Difference item_difference(const StoredItem& stored, const StoredItem& given) {
  if (auto d = differ("an image", stored.id, given.id)) return d;
  if (auto d = differ(fmt::format("the label of '{}'", stored.id), stored.label, given.label)) return d;
  if (auto d = differ(fmt::format("the shape of '{}'", stored.id), stored.shape_label, given.shape_label)) return d;
  return differ(fmt::format("the texture of '{}'", stored.id), stored.texture_label, given.texture_label);
}

Difference variant_difference(const StoredVariant& stored, const StoredVariant& given) {
  if (auto d = differ("a variant", stored.text, given.text)) return d;
  return differ(fmt::format("what variant '{}' keeps", stored.text), stored.keeps, given.keeps);
}

Difference layer_difference(const StoredLayer& stored, const StoredLayer& given) {
  if (auto d = differ("a layer", stored.name, given.name)) return d;
  const std::string layer = fmt::format("layer '{}': its ", stored.name);
  if (auto d = differ(layer + "model", stored.model, given.model)) return d;
  if (auto d = differ(layer + "number of channels", stored.channels, given.channels)) return d;
  return differ(layer + "form", stored.form, given.form);
}

Difference intervention_difference(const StoredIntervention& stored, const StoredIntervention& given) {
  if (auto d = differ("the layer of an intervention", stored.layer, given.layer)) return d;
  if (auto d = differ("an intervention", stored.action, given.action)) return d;
  if (auto d = differ("whose relevance an intervention follows", stored.of, given.of)) return d;
  if (auto d = differ("the setting of an intervention", stored.setting, given.setting)) return d;
  return differ("the draw of an intervention", stored.draw, given.draw);
}

Difference class_difference(const std::string& stored, const std::string& given) {
  return differ("a class", stored, given);
}

template <typename Element, typename Compare>
Difference list_difference(std::string_view what, const std::vector<Element>& stored, const std::vector<Element>& given,
                           const Compare& compare) {
  for (std::size_t i = 0; i < std::min(stored.size(), given.size()); ++i)
    if (auto difference = compare(stored[i], given[i])) return difference;
  return differ(fmt::format("the number of {}", what), stored.size(), given.size());
}

}  // namespace

std::optional<std::string> description_difference(const RunDescription& stored, const RunDescription& given) {
  if (auto d = configuration_difference(stored.configuration, given.configuration)) return d;
  if (auto d = list_difference("classes", stored.classes, given.classes, class_difference)) return d;
  if (auto d = list_difference("images", stored.items, given.items, item_difference)) return d;
  if (auto d = list_difference("models", stored.models, given.models, model_difference)) return d;
  if (auto d = list_difference("variants", stored.variants, given.variants, variant_difference)) return d;
  if (auto d = list_difference("layers", stored.layers, given.layers, layer_difference)) return d;
  if (auto d = list_difference("interventions", stored.interventions, given.interventions, intervention_difference))
    return d;
  if (auto d = differ("the block size", stored.block_size, given.block_size)) return d;
  return differ("whether cues are labelled", stored.has_cues, given.has_cues);
}

}  // namespace cuebench
