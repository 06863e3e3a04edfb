#include "sequential_layers.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

using nlohmann::json;

/// One number that a layer has: its key in JSON, its letter in the text (0: the leading number), where it is kept.
struct Field {
  std::string_view key;
  char letter;
  std::int64_t SequentialLayer::*member;
  std::int64_t minimum, default_value;
  bool required;
};

struct Kind {
  std::string_view name;
  std::vector<Field> fields;
  bool bias = false, ceil_mode = false, epsilon = false, ignored_number = false;
};

constexpr std::int64_t kLargest = 1 << 20;  // channels, features, pixels: more is a slip of the finger
constexpr int kDeepestJson = 4;
constexpr std::size_t kMostLayers = 10000;

const std::vector<Kind>& kinds() {
  using Layer = SequentialLayer;
  static const std::vector<Field> pool = {{"kernel", 0, &Layer::kernel, 1, 0, true},
                                          {"stride", 's', &Layer::stride, 1, 0, false},  // default: the kernel
                                          {"padding", 'p', &Layer::padding, 0, 0, false}};
  static const std::vector<Kind> all = {
      {.name = "conv",
       .fields = {{"out", 0, &Layer::out, 1, 0, true},
                  {"kernel", 'k', &Layer::kernel, 1, 0, true},
                  {"stride", 's', &Layer::stride, 1, 1, false},
                  {"padding", 'p', &Layer::padding, 0, 0, false},
                  {"groups", 'g', &Layer::groups, 1, 1, false}},
       .bias = true},
      {.name = "batch_norm", .fields = {}, .epsilon = true},
      {.name = "relu", .fields = {}},
      {.name = "max_pool", .fields = pool, .ceil_mode = true},
      {.name = "average_pool", .fields = pool, .ceil_mode = true},
      {.name = "global_average_pool", .fields = {}},
      {.name = "flatten", .fields = {}},
      {.name = "linear", .fields = {{"out", 0, &Layer::out, 1, 0, false}}, .bias = true},
      {.name = "dropout", .fields = {}, .ignored_number = true}};
  return all;
}

const Kind& find_kind(std::string_view name, const std::string& what) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  throw UsageError(what + ": " + unknown_name_message("layer", name, names, "docs/checkpoints.md lists the layers"));
}

void set_number(SequentialLayer& layer, const Field& field, std::int64_t value, const std::string& what) {
  if (value < field.minimum || value > kLargest)
    throw UsageError(what + ": " + std::string(field.key) + " is " + std::to_string(value) + "; it lies between " +
                     std::to_string(field.minimum) + " and " + std::to_string(kLargest));
  layer.*field.member = value;
}

void set_epsilon(SequentialLayer& layer, double value, const std::string& what) {
  if (!(value > 0 && value < 1)) throw UsageError(what + ": epsilon lies between 0 and 1 (PyTorch's default is 1e-5)");
  layer.epsilon = value;
}

void set_name(SequentialLayer& layer, std::string name, const std::string& what) {
  const auto allowed = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed))
    throw UsageError(what + ": a name is made of letters, digits, '_' and '.'");
  layer.name = std::move(name);
}

SequentialLayer with_defaults(const Kind& kind) {
  SequentialLayer layer;
  layer.kind = std::string(kind.name);
  for (const Field& field : kind.fields) layer.*field.member = field.default_value;
  return layer;
}

void finish(SequentialLayer& layer, const Kind& kind, const std::string& what) {
  for (const Field& field : kind.fields)
    if (field.required && layer.*field.member == 0)
      throw UsageError(what + ": " + layer.kind + " needs its " + std::string(field.key));
  if (kind.ceil_mode && layer.stride == 0) layer.stride = layer.kernel;
}

void read_member(SequentialLayer& layer, const Kind& kind, const std::string& key, const json& value,
                 const std::string& what) {
  if (key == "name" && value.is_string()) return set_name(layer, value.get<std::string>(), what);
  if (key == "bias" && kind.bias && value.is_boolean()) return void(layer.bias = value.get<bool>());
  if (key == "ceil_mode" && kind.ceil_mode && value.is_boolean()) return void(layer.ceil_mode = value.get<bool>());
  if (key == "epsilon" && kind.epsilon && value.is_number()) return set_epsilon(layer, value.get<double>(), what);
  std::vector<std::string> keys{"name"};
  if (kind.bias) keys.emplace_back("bias");
  if (kind.ceil_mode) keys.emplace_back("ceil_mode");
  if (kind.epsilon) keys.emplace_back("epsilon");
  for (const Field& field : kind.fields) {
    if (field.key == key) {
      if (key == "out" && value.is_string() && value.get<std::string>() == "classes" && layer.kind == "linear") return;
      if (!value.is_number_integer()) throw UsageError(what + ": " + key + " is a whole number");
      return set_number(layer, field, value.get<std::int64_t>(), what);
    }
    keys.emplace_back(field.key);
  }
  if (std::find(keys.begin(), keys.end(), key) != keys.end())
    throw UsageError(what + ": the value of " + key + " has the wrong type");
  throw UsageError(what + ": " + unknown_name_message("key", key, keys, "docs/checkpoints.md lists them"));
}

SequentialLayer read_layer(const json& value, const std::string& what) {
  const bool word = value.is_string();
  if (!word && !(value.is_object() && value.size() == 1))
    throw UsageError(what + ": a layer is a word such as \"relu\" or an object such as {\"linear\": 10}");
  const std::string name = word ? value.get<std::string>() : value.begin().key();
  const Kind& kind = find_kind(name, what);
  SequentialLayer layer = with_defaults(kind);
  if (!word) {
    const json& body = value.begin().value();
    if (body.is_object()) {
      for (const auto& [key, member] : body.items()) read_member(layer, kind, key, member, what);
    } else if (!kind.fields.empty() && kind.fields[0].letter == 0) {
      read_member(layer, kind, std::string(kind.fields[0].key), body, what);
    } else if (kind.epsilon && body.is_number()) {
      set_epsilon(layer, body.get<double>(), what);
    } else if (!(kind.ignored_number && body.is_number())) {
      throw UsageError(what + ": " + name + " takes an object such as {\"name\": \"features.0\"}");
    }
  }
  finish(layer, kind, what);
  return layer;
}

std::string layer_label(std::size_t index) {
  return "layer " + std::to_string(index);
}

/// Digits and a point from `at` on.
std::string_view number_at(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
  return text.substr(at, end - at);
}

SequentialLayer parse_layer(std::string_view text, const std::string& what) {
  const std::size_t name_at = text.find('@');
  const std::string_view body = text.substr(0, name_at);
  const std::size_t word_end = std::min(body.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), body.size());
  const Kind& kind = find_kind(body.substr(0, word_end), what);
  SequentialLayer layer = with_defaults(kind);
  for (std::size_t at = word_end; at < body.size();) {
    const bool leading = at == word_end && body[at] >= '0' && body[at] <= '9';
    const char letter = leading ? '\0' : body[at];
    const std::string_view number = number_at(body, leading ? at : at + 1);
    const std::string label = what + ", " + std::string(body);
    const auto field = std::find_if(kind.fields.begin(), kind.fields.end(),
                                    [&](const Field& candidate) { return candidate.letter == letter; });
    if (field != kind.fields.end()) {
      set_number(layer, *field, parse_integer(label, number), label);
    } else if (leading && kind.epsilon) {
      set_epsilon(layer, parse_real(label, number), label);
    } else if (letter == 'b' && kind.bias && number == "0") {
      layer.bias = false;
    } else if (letter == 'c' && kind.ceil_mode && number == "1") {
      layer.ceil_mode = true;
    } else {
      throw UsageError(label + ": '" + std::string(body.substr(at, 1 + number.size())) +
                       "' means nothing there; see docs/checkpoints.md");
    }
    at += number.size() + (leading ? 0 : 1);
  }
  if (name_at != std::string_view::npos) set_name(layer, std::string(text.substr(name_at + 1)), what);
  finish(layer, kind, what);
  return layer;
}

}  // namespace

std::vector<SequentialLayer> parse_layers_json(std::string_view text, std::string_view where) {
  const std::string file(where);
  const auto limit_depth = [&](int depth, json::parse_event_t, json&) {
    if (depth > kDeepestJson) throw UsageError(file + ": layers are nested too deeply");
    return true;
  };
  json list;
  try {
    list = json::parse(text, limit_depth);
  } catch (const json::exception&) {
    throw UsageError(file + ": layers is not valid JSON; write a list such as [{\"linear\": 10}]");
  }
  if (!list.is_array() || list.empty() || list.size() > kMostLayers)
    throw UsageError(file + ": layers is a list of one to " + std::to_string(kMostLayers) +
                     " layers, in the order of nn.Sequential");
  std::vector<SequentialLayer> layers;
  for (std::size_t i = 0; i < list.size(); ++i) layers.push_back(read_layer(list[i], file + ", " + layer_label(i)));
  return layers;
}

std::vector<SequentialLayer> parse_layers_text(std::string_view text) {
  std::vector<SequentialLayer> layers;
  while (true) {
    const std::size_t end = std::min(text.find('-'), text.size());
    layers.push_back(parse_layer(text.substr(0, end), "sequential " + layer_label(layers.size())));
    if (end == text.size()) return layers;
    if (layers.size() >= kMostLayers)
      throw UsageError("sequential: more than " + std::to_string(kMostLayers) + " layers");
    text.remove_prefix(end + 1);
  }
}

std::string layers_text(const std::vector<SequentialLayer>& layers) {
  std::string text;
  for (const SequentialLayer& layer : layers) {
    const Kind& kind = find_kind(layer.kind, "sequential");
    if (!text.empty()) text += '-';
    text += layer.kind;
    if (kind.epsilon && layer.epsilon != SequentialLayer{}.epsilon) text += format_real(layer.epsilon);
    for (const Field& field : kind.fields) {
      const std::int64_t value = layer.*field.member;
      const bool implied =
          value == field.default_value || (kind.ceil_mode && field.letter == 's' && value == layer.kernel);
      if (implied && !field.required) continue;
      if (field.letter) text += field.letter;
      text += std::to_string(value);
    }
    if (kind.bias && !layer.bias) text += "b0";
    if (layer.ceil_mode) text += "c1";
    if (!layer.name.empty()) text += "@" + layer.name;
  }
  return text;
}

}  // namespace cuebench
