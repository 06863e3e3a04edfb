#include "reference_logits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

using nlohmann::json;

constexpr std::string_view kRecipes[] = {"hash_noise"};
constexpr const char* kRemedy = "; export the model again with scripts/export_torchscript.py";
// The images are made in memory: 256 MiB of float32.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

[[noreturn]] void fail(const std::string& cause) {
  throw UsageError("reference " + cause + kRemedy);
}

void check_keys(const json& value) {
  if (!value.is_object()) fail("is the object {recipe, size, logits} that the exporting script writes");
  const std::vector<std::string> known{"recipe", "size", "logits", "made_by", "note"};
  for (const auto& [key, unused] : value.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw UsageError("reference: " +
                       unknown_name_message("key", key, known, fmt::format("keys: {}", fmt::join(known, ", "))));
  for (const char* key : {"recipe", "size", "logits"})
    if (!value.contains(key)) fail(fmt::format("has no {}", key));
}

std::string text(const json& value, const char* key) {
  if (!value.contains(key)) return "";
  if (!value[key].is_string()) fail(fmt::format("has a {} that is no text", key));
  return value[key].get<std::string>();
}

std::string recipe_of(const json& value) {
  const std::string name = text(value, "recipe");
  if (std::find(std::begin(kRecipes), std::end(kRecipes), name) == std::end(kRecipes))
    fail(fmt::format("has the recipe '{}', and this program makes images by: {}", name, fmt::join(kRecipes, ", ")));
  return name;
}

std::vector<std::int64_t> size_of(const json& size) {
  const bool valid =
      size.is_array() && size.size() == 3 && std::all_of(size.begin(), size.end(), [](const json& item) {
        return item.is_number_integer() && item.get<std::int64_t>() >= 1 && item.get<std::int64_t>() <= (1 << 16);
      });
  if (!valid) fail("has a size that is not [channels, height, width], such as [3, 224, 224]");
  return size.get<std::vector<std::int64_t>>();
}

std::vector<double> row_of(const json& row, std::size_t image) {
  if (!row.is_array() || row.empty()) fail(fmt::format("has no list of logits for image {}", image));
  std::vector<double> logits;
  for (const json& item : row) {
    if (!item.is_number() || std::abs(item.get<double>()) > std::numeric_limits<float>::max())
      fail(fmt::format("has a logit of image {} that is no finite float32 number (class {})", image, logits.size()));
    logits.push_back(item.get<double>());
  }
  return logits;
}

std::vector<std::vector<double>> logits_of(const json& rows) {
  if (!rows.is_array() || rows.empty()) fail("has logits that are not one list for each image");
  std::vector<std::vector<double>> logits;
  for (const json& row : rows) {
    logits.push_back(row_of(row, logits.size()));
    if (logits.back().size() != logits[0].size())
      fail(fmt::format("has {} logits for image 0 and {} for image {}", logits[0].size(), logits.back().size(),
                       logits.size() - 1));
  }
  return logits;
}

}  // namespace

std::span<const std::string_view> reference_recipes() {
  return kRecipes;
}

ReferenceLogits parse_reference_logits(const json& value) {
  check_keys(value);
  ReferenceLogits reference{recipe_of(value), size_of(value["size"]), logits_of(value["logits"]),
                            text(value, "made_by"), text(value, "note")};
  const auto images = static_cast<std::int64_t>(reference.logits.size());
  // Each extent is at most 2^16, so that the product of three fits.
  const std::int64_t pixels = reference.size[0] * reference.size[1] * reference.size[2];
  if (pixels > kMostPixels || images > kMostPixels / pixels)
    fail(fmt::format("has {} images of {}, more than 256 MiB", images, fmt::join(reference.size, "x")));
  return reference;
}

nlohmann::ordered_json reference_json(const ReferenceLogits& reference) {
  nlohmann::ordered_json root{{"recipe", reference.recipe}, {"size", reference.size}};
  if (!reference.made_by.empty()) root["made_by"] = reference.made_by;
  if (!reference.note.empty()) root["note"] = reference.note;
  root["logits"] = reference.logits;
  return root;
}

}  // namespace cuebench
