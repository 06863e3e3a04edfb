#include <algorithm>
#include <array>

#include <cuebench/scoring/categories.hpp>

namespace cuebench::scoring {
namespace {

constexpr std::array<std::string_view, kCategories> kNames{"airplane", "bear",  "bicycle", "bird",  "boat", "bottle",
                                                           "car",      "cat",   "chair",   "clock", "dog",  "elephant",
                                                           "keyboard", "knife", "oven",    "truck"};

}  // namespace

std::string_view category_name(int category) {
  return kNames.at(static_cast<std::size_t>(category));
}

int category_index(std::string_view name) {
  const auto found = std::lower_bound(kNames.begin(), kNames.end(), name);
  return found != kNames.end() && *found == name ? static_cast<int>(found - kNames.begin()) : -1;
}

}  // namespace cuebench::scoring
