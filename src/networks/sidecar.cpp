#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/networks/architecture.hpp>

#include "reference_logits.hpp"

namespace cuebench {
namespace {

using nlohmann::json;

constexpr const char* kKeys[] = {"arch",       "role",          "preset", "mean",     "std",      "classes",
                                 "input_size", "channel_order", "layers", "training", "reference"};
constexpr int kDeepestJson = 6;
constexpr std::int64_t kLargestInput = 1 << 16;

class SidecarReader {
 public:
  explicit SidecarReader(std::string file) : file_(std::move(file)) {}

  Sidecar read(const std::string& text) {
    const json root = parse(text);
    if (!root.is_object()) fail("it holds no JSON object; write {\"mean\": [0, 0, 0], ...}");
    for (const auto& [key, value] : root.items()) read_member(key, value);
    if (result_.mean.size() != result_.std.size())
      fail("mean has " + std::to_string(result_.mean.size()) + " values and std " + std::to_string(result_.std.size()) +
           "; give one of each per channel");
    check_reference();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const std::string& cause) const { throw UsageError("'" + file_ + "': " + cause); }

  /// The parser keeps the last of two equal keys; a person who wrote both should know.
  json parse(const std::string& text) const {
    std::vector<std::set<std::string>> seen(kDeepestJson + 2);
    const auto check = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > kDeepestJson) fail("it is nested too deeply");
      if (event == json::parse_event_t::object_start) seen[depth + 1].clear();
      if (event == json::parse_event_t::key && !seen[depth].insert(value.get<std::string>()).second)
        fail("the key '" + value.get<std::string>() + "' stands twice; keep one");
      return true;
    };
    try {
      return json::parse(text, check);
    } catch (const json::parse_error& error) {
      if (is_not_finite(text, error.byte)) fail("it holds NaN or Infinity " + at_byte(error) + "; numbers are finite");
      fail("it is not valid JSON " + at_byte(error) + "; check commas, quotes and brackets");
    } catch (const json::out_of_range&) {
      fail("it holds a number that is too large; numbers are finite");
    }
  }

  static std::string at_byte(const json::parse_error& error) { return "at byte " + std::to_string(error.byte); }

  /// Python's json module writes these words; the parser stops at a letter of one.
  static bool is_not_finite(const std::string& text, std::size_t byte) {
    const std::string around = text.substr(byte < 10 ? 0 : byte - 10, 20);
    return around.find("NaN") != std::string::npos || around.find("Infinity") != std::string::npos;
  }

  void read_member(const std::string& key, const json& value) {
    if (key == "arch") {
      result_.arch = text(key, value);
    } else if (key == "role") {
      result_.role = choice(key, value, {"standard", "robust"});
    } else if (key == "preset") {
      result_.preset = text(key, value);
    } else if (key == "mean") {
      result_.mean = numbers(key, value);
    } else if (key == "std") {
      result_.std = numbers(key, value);
      if (std::any_of(result_.std.begin(), result_.std.end(), [](double deviation) { return deviation <= 0; }))
        fail("std must be above 0");
    } else if (key == "classes") {
      read_classes(value);
    } else if (key == "input_size") {
      read_input_size(value);
    } else if (key == "channel_order") {
      result_.channel_order = choice(key, value, {"rgb", "bgr"});
    } else if (key == "layers") {
      if (!value.is_array()) fail("layers is a list of layers in the order of nn.Sequential");
      result_.layers = value.dump();
    } else if (key == "training") {
      if (!value.is_object()) fail("training is the object that `cuebench train` wrote");
      result_.training = value.dump();
    } else if (key == "reference") {
      read_reference(value);
    } else {
      fail(unknown_name_message("key", key, {std::begin(kKeys), std::end(kKeys)},
                                "keys: arch, role, preset, mean, std, classes, input_size, channel_order, layers, "
                                "training, reference"));
    }
  }

  std::string text(const std::string& key, const json& value) const {
    if (!value.is_string()) fail(key + " is a text");
    return value.get<std::string>();
  }

  std::string choice(const std::string& key, const json& value, const std::vector<std::string>& words) const {
    const std::string word = text(key, value);
    if (std::find(words.begin(), words.end(), word) == words.end())
      fail(key + " is '" + words[0] + "' or '" + words[1] + "', not '" + word + "'");
    return word;
  }

  std::vector<double> numbers(const std::string& key, const json& value) const {
    std::vector<double> result;
    if (value.is_array())
      for (const json& item : value)
        if (item.is_number()) result.push_back(item.get<double>());
    // Pixels lie in [0, 1]: a mean of 123.7 belongs to pixels of 0..255.
    const bool valid = !result.empty() && result.size() == value.size() &&
                       std::all_of(result.begin(), result.end(), [](double v) { return std::fabs(v) <= 10; });
    if (!valid)
      fail(key + " is a list with one number per channel, for pixels in [0, 1] (divide those for 0..255 by 255)");
    return result;
  }

  void read_classes(const json& value) {
    const bool valid = value.is_array() && !value.empty() &&
                       std::all_of(value.begin(), value.end(), [](const json& item) { return item.is_string(); });
    if (!valid) fail("classes is a list of names in the order of the logits");
    result_.classes = value.get<std::vector<std::string>>();
  }

  void read_input_size(const json& value) {
    const bool valid =
        value.is_array() && value.size() == 3 && std::all_of(value.begin(), value.end(), [](const json& item) {
          return item.is_number_integer() && item.get<std::int64_t>() >= 1 && item.get<std::int64_t>() <= kLargestInput;
        });
    if (!valid) fail("input_size is [channels, height, width], such as [3, 32, 32]");
    result_.input_size = value.get<std::vector<std::int64_t>>();
  }

  void read_reference(const json& value) {
    try {
      result_.reference = parse_reference_logits(value);
    } catch (const UsageError& error) {
      fail(error.what());
    }
  }

  /// The reference beside the other keys.
  void check_reference() const {
    const ReferenceLogits& reference = result_.reference;
    if (reference.logits.empty()) return;
    if (!result_.input_size.empty() && result_.input_size != reference.size)
      fail("reference is for images of another size than input_size; export the model again, or leave one of them out");
    if (!result_.classes.empty() && result_.classes.size() != reference.logits[0].size())
      fail("reference has " + std::to_string(reference.logits[0].size()) + " logits an image and classes has " +
           std::to_string(result_.classes.size()) + " names; name every class in logit order");
  }

  std::string file_;
  Sidecar result_;
};

}  // namespace

std::string sidecar_json(const Sidecar& sidecar) {
  nlohmann::ordered_json root = nlohmann::ordered_json::object();
  const auto put = [&](const char* key, const auto& value) {
    if (!value.empty()) root[key] = value;
  };
  put("arch", sidecar.arch);
  put("role", sidecar.role);
  put("preset", sidecar.preset);
  put("input_size", sidecar.input_size);
  put("mean", sidecar.mean);
  put("std", sidecar.std);
  if (sidecar.channel_order != "rgb") root["channel_order"] = sidecar.channel_order;
  put("classes", sidecar.classes);
  for (const auto& [key, text] : {std::pair("layers", &sidecar.layers), std::pair("training", &sidecar.training)})
    if (!text->empty()) root[key] = nlohmann::ordered_json::parse(*text);
  if (!sidecar.reference.logits.empty()) root["reference"] = reference_json(sidecar.reference);
  return root.dump(2) + "\n";
}

Sidecar read_sidecar(const std::filesystem::path& path) {
  return SidecarReader(path.string()).read(read_text_file(path));
}

}  // namespace cuebench
