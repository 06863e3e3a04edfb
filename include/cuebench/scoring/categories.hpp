#pragma once
// The 16 entry-level categories of Geirhos et al., in alphabetical order.

#include <string_view>

namespace cuebench::scoring {

inline constexpr int kCategories = 16;
/// What an observer answered who gave no answer in time (`na` in the files): wrong, and it counts.
inline constexpr int kNoResponse = -1;

std::string_view category_name(int category);
/// -1 for any other name.
int category_index(std::string_view name);

}  // namespace cuebench::scoring
