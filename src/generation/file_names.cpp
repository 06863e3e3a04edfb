#include "file_names.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>
#include <cuebench/datasets/file_source.hpp>
#include <cuebench/datasets/pairing.hpp>

namespace cuebench {
namespace {

constexpr std::size_t kLongestName = 120;

/// Replaces what some file system, shell or address cannot take in a name; keeps '/', spaces and letters of any
/// language.
std::string safe_path(std::string_view path) {
  constexpr std::string_view kUnsafe = "\\:*?\"<>|#%";
  std::string result;
  for (const char c : path) {
    const bool control = static_cast<unsigned char>(c) < 32 || c == 127;
    const bool starts = result.empty() || result.back() == '/', hidden = c == '.' && starts;
    if (c == '/' && starts) continue;  // absolute paths of lists
    result += control || kUnsafe.find(c) != kUnsafe.npos ? '-' : hidden ? '_' : c;
  }
  return result;
}

std::string safe_name(std::string_view name) {
  std::string result = safe_path(name);
  std::replace(result.begin(), result.end(), '/', '_');
  return result.empty() ? "_" : result;
}

bool is_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// The id without its class folder, which the output's own class folder replaces.
std::string_view below_class(const Item& item, const Dataset& dataset) {
  const std::string_view id = item.id;
  if (item.label < 0) return id;
  const std::string& name = dataset.classes[std::size_t(item.label)];
  return id.size() > name.size() + 1 && id.starts_with(name) && id[name.size()] == '/' ? id.substr(name.size() + 1)
                                                                                       : id;
}

/// True for SHAPE<n>-TEXTURE<m> with the item's own classes: stimuli that were read keep their numbers.
bool has_cue_name(const Item& item, const Dataset& dataset) {
  std::string_view name = without_image_extension(below_class(item, dataset));
  const auto take = [&name](std::string_view word) {
    if (!name.starts_with(word)) return false;
    name.remove_prefix(word.size());
    const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
    name.remove_prefix(digits);
    return digits > 0;
  };
  if (!take(dataset.classes[std::size_t(item.shape_label)]) || !name.starts_with('-')) return false;
  name.remove_prefix(1);
  return take(dataset.classes[std::size_t(item.texture_label)]) && name.empty();
}

bool classes_are_words(const Dataset& dataset) {
  return std::all_of(dataset.classes.begin(), dataset.classes.end(), is_word);
}

bool takes_cue_names(const Dataset& dataset) {
  return dataset.has_cues && classes_are_words(dataset) &&
         std::all_of(dataset.items.begin(), dataset.items.end(),
                     [](const Item& item) {
                       return item.label >= 0 && item.label == item.shape_label && item.texture_label >= 0;
                     }) &&
         !std::all_of(dataset.items.begin(), dataset.items.end(),
                      [&](const Item& item) { return has_cue_name(item, dataset); });
}

std::vector<std::string> cue_names(const Dataset& dataset) {
  std::vector<std::size_t> of_shape(dataset.classes.size()), of_texture(dataset.classes.size());
  std::vector<std::string> names;
  for (const Item& item : dataset.items) {
    const auto shape = std::size_t(item.shape_label), texture = std::size_t(item.texture_label);
    names.push_back(fmt::format("{0}/{0}{1}-{2}{3}", dataset.classes[shape], ++of_shape[shape],
                                dataset.classes[texture], ++of_texture[texture]));
  }
  return names;
}

/// Its folder, and its own name with the extension.
std::string name_with_extension(const Item& item, const Dataset& dataset, const std::vector<std::string>& folders) {
  const std::string folder = item.label >= 0 ? folders[std::size_t(item.label)] + '/' : "";
  return folder + safe_path(below_class(item, dataset));
}

/// May say false of distinct names (once in many millions): hashes take a fraction of the memory of the names.
bool are_distinct(const std::vector<std::string>& names) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(names.size());
  for (const auto& name : names) hashes.push_back(stable_hash(name));
  std::sort(hashes.begin(), hashes.end());
  return std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end();
}

/// Every name after the first of its kind gets its place behind it.
void number_repeated(std::vector<std::string>& names) {
  std::set<std::string> taken;
  for (std::size_t i = 0; i < names.size(); ++i)
    while (!taken.insert(names[i]).second) names[i] += fmt::format("-{}", i);
}

/// a.jpg and a.png would both become a.png: such names keep their extension, and a number if that is not enough.
void tell_apart(std::vector<std::string>& names, const Dataset& dataset, const std::vector<std::string>& folders) {
  std::map<std::string, int> uses;
  for (const auto& name : names) ++uses[name];
  for (std::size_t i = 0; i < names.size(); ++i)
    if (uses[names[i]] > 1) names[i] = name_with_extension(dataset.items[i], dataset, folders);
  number_repeated(names);
}

}  // namespace

std::string variant_folder(std::string_view variant) {
  std::string name(variant);
  for (char& c : name) {
    if (c == ':' || c == ',') c = '-';
    if (c == '/') c = '_';
  }
  name = safe_name(name);
  if (name.size() > kLongestName)
    name = fmt::format("{}-{:08x}", name.substr(0, kLongestName - 9), stable_hash(variant) >> 32);
  return name;
}

std::vector<std::string> class_folders(const std::vector<std::string>& classes) {
  std::vector<std::string> folders;
  folders.reserve(classes.size());
  for (const auto& name : classes) folders.push_back(safe_name(name));
  const auto in_order = [](const std::string& a, const std::string& b) { return a >= b; };
  if (std::adjacent_find(folders.begin(), folders.end(), in_order) == folders.end()) return folders;
  const auto digits = fmt::format("{}", classes.empty() ? 0 : classes.size() - 1).size();
  for (std::size_t i = 0; i < folders.size(); ++i) folders[i] = fmt::format("{:0{}}_{}", i, digits, folders[i]);
  return folders;
}

std::vector<std::string> item_names(const Dataset& dataset, const std::vector<std::string>& folders) {
  if (takes_cue_names(dataset)) return cue_names(dataset);
  std::vector<std::string> names;
  names.reserve(dataset.items.size());
  for (const Item& item : dataset.items)
    names.emplace_back(without_image_extension(name_with_extension(item, dataset, folders)));
  if (!are_distinct(names)) tell_apart(names, dataset, folders);
  return names;
}

std::vector<std::string> sample_keys(std::vector<std::string> names) {
  for (std::string& name : names)
    std::replace(name.begin() + std::ptrdiff_t(name.rfind('/') + 1), name.end(), '.', '_');
  if (!are_distinct(names)) number_repeated(names);
  return names;
}

std::vector<std::string> pair_names(const Dataset& dataset, const std::vector<std::size_t>& partners,
                                    const std::vector<std::string>& names) {
  if (!classes_are_words(dataset)) return names;
  std::vector<std::size_t> of_class(dataset.classes.size()), places;
  for (const Item& item : dataset.items) places.push_back(item.label < 0 ? 0 : ++of_class[std::size_t(item.label)]);
  std::vector<std::string> result = names;
  for (std::size_t i = 0; i < partners.size(); ++i) {
    if (partners[i] == kNoPartner) continue;
    const std::string& shape = dataset.classes[std::size_t(dataset.items[i].label)];
    const std::string& texture = dataset.classes[std::size_t(dataset.items[partners[i]].label)];
    result[i] = fmt::format("{0}/{0}{1}-{2}{3}", shape, places[i], texture, places[partners[i]]);
  }
  return result;
}

}  // namespace cuebench
