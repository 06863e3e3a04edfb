#include "webdataset_labels.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/imaging/decode.hpp>

namespace cuebench {
namespace {

using nlohmann::json;

constexpr int kMaxClassIndex = 999'999;

/// @throws ImageError naming the member.
int checked_index(std::int64_t index, std::string_view member) {
  if (index < -1 || index > kMaxClassIndex)
    throw ImageError(fmt::format("{}: {} is no class index from 0 to {}", member, index, kMaxClassIndex));
  return int(index);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// The name's place, or -1 where there is no such text.
int name_at(const json& facts, const char* key, NameTable& names) {
  const auto found = facts.find(key);
  if (found == facts.end() || !found->is_string()) return -1;
  const auto& name = found->get_ref<const std::string&>();
  return name.empty() ? -1 : names.place(name);
}

bool are_distinct(const std::vector<std::string>& names) {
  return std::set(names.begin(), names.end()).size() == names.size();
}

}  // namespace

int NameTable::place(std::string_view name) {
  const auto [found, is_new] = places_.emplace(name, int(names_.size()));
  if (is_new) names_.emplace_back(name);
  return found->second;
}

void read_cls(std::string_view text, SampleLabels& labels) {
  const std::string_view digits = trimmed(text);
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) throw ImageError("cls: not a class index");
  labels.index = checked_index(index, "cls");
}

void read_json(std::string_view text, SampleLabels& labels, NameTable& names) {
  const json facts = json::parse(text, nullptr, false);
  if (facts.is_discarded()) throw ImageError("json: cannot be parsed");
  if (!facts.is_object()) return;
  labels.name = name_at(facts, "label", names);
  labels.shape = name_at(facts, "shape", names);
  labels.texture = name_at(facts, "texture", names);
  const auto index = facts.find("label");
  if (labels.index >= 0 || index == facts.end() || !index->is_number_integer()) return;
  const bool fits = !index->is_number_unsigned() || index->get<std::uint64_t>() <= std::uint64_t(kMaxClassIndex);
  labels.index = checked_index(fits ? index->get<std::int64_t>() : kMaxClassIndex + 1, "json");
}

SampleClasses::SampleClasses(const std::vector<SampleLabels>& samples, const NameTable& names,
                             std::vector<std::string> listed)
    : classes_(std::move(listed)), class_of_name_(names.names().size(), -1) {
  int largest = -1;
  for (const auto& sample : samples) largest = std::max(largest, sample.index);
  if (classes_.empty()) name_by_samples(samples, names, largest);
  indices_ = int(classes_.size());
  add_names(samples, names);
}

void SampleClasses::name_by_samples(const std::vector<SampleLabels>& samples, const NameTable& names, int largest) {
  for (int i = 0; i <= largest; ++i) classes_.push_back(std::to_string(i));
  std::vector<std::string> named = classes_;
  std::vector<int> given(classes_.size(), -1);
  for (const auto& sample : samples) {
    if (sample.index < 0 || sample.name < 0) continue;
    int& name = given[std::size_t(sample.index)];
    if (name >= 0 && name != sample.name) names_agree_ = false;
    name = sample.name;
    named[std::size_t(sample.index)] = names.names()[std::size_t(name)];
  }
  if (!are_distinct(named)) names_agree_ = false;
  if (names_agree_) classes_ = std::move(named);
}

void SampleClasses::add_names(const std::vector<SampleLabels>& samples, const NameTable& names) {
  std::set<int> wanted;
  for (const auto& sample : samples) {
    if (sample.index < 0 && sample.name >= 0) wanted.insert(sample.name);
    if (sample.shape >= 0) wanted.insert(sample.shape);
    if (sample.texture >= 0) wanted.insert(sample.texture);
  }
  std::unordered_map<std::string_view, int> known;
  for (std::size_t i = 0; i < classes_.size(); ++i) known.emplace(classes_[i], int(i));
  std::vector<std::pair<std::string, int>> missing;
  for (const int place : wanted) {
    const std::string& name = names.names()[std::size_t(place)];
    const auto found = known.find(name);
    if (found != known.end())
      class_of_name_[std::size_t(place)] = found->second;
    else
      missing.emplace_back(name, place);
  }
  std::sort(missing.begin(), missing.end());
  for (auto& [name, place] : missing) {
    class_of_name_[std::size_t(place)] = int(classes_.size());
    classes_.push_back(std::move(name));
  }
}

int SampleClasses::label(const SampleLabels& labels) const {
  if (labels.index >= indices_)
    throw ImageError(fmt::format("cls: class {}, and classes.txt names {}", labels.index, indices_));
  return labels.index >= 0 ? labels.index : of_name(labels.name);
}

}  // namespace cuebench
