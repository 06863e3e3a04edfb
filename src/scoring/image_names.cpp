#include <cuebench/scoring/categories.hpp>
#include <cuebench/scoring/image_names.hpp>

namespace cuebench::scoring {
namespace {

/// Takes "dog10" off the front; -1 where the front is not a category and a number.
int take_category(std::string_view& text) {
  std::size_t letters = 0;
  while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
  std::size_t end = letters;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  if (end == letters) return -1;
  const int category = category_index(text.substr(0, letters));
  text.remove_prefix(end);
  return category;
}

}  // namespace

std::string_view shared_image_name(std::string_view name) {
  const auto last = name.rfind('_');
  if (last == name.npos) return name;
  const auto before = last == 0 ? name.npos : name.rfind('_', last - 1);
  const std::size_t begin = before == name.npos ? 0 : before + 1;
  return name.substr(name.substr(begin).starts_with("n0") ? begin : last + 1);
}

std::optional<CueLabels> cue_labels(std::string_view name) {
  CueLabels labels;
  labels.shape = take_category(name);
  if (labels.shape < 0 || !name.starts_with('-')) return std::nullopt;
  name.remove_prefix(1);
  labels.texture = take_category(name);
  if (labels.texture < 0 || !(name.empty() || name.front() == '.')) return std::nullopt;
  return labels;
}

}  // namespace cuebench::scoring
