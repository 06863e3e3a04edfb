#include <cctype>
#include <charconv>

#include <cuebench/core/natural_order.hpp>

namespace cuebench {
namespace {

bool begins_with_digit(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front()));
}

/// Takes "8", "0.5" or "8/255" off the front of a text that begins with a digit.
double take_number(std::string_view& text) {
  const auto take_decimal = [&text] {
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
  };
  const double value = take_decimal();
  if (!text.starts_with('/') || !begins_with_digit(text.substr(1))) return value;
  text.remove_prefix(1);
  return value / take_decimal();
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (begins_with_digit(a) && begins_with_digit(b)) {
      const double x = take_number(a), y = take_number(b);
      if (x != y) return x < y;
      continue;
    }
    if (a.front() != b.front()) return a.front() < b.front();
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() < b.size();
}

}  // namespace cuebench
