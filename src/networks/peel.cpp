#include "peel.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace cuebench {
namespace {

constexpr std::string_view kAttacker = "attacker.";
constexpr std::size_t kMostNormalisedChannels = 4;

using Tensors = std::vector<std::pair<std::string, WeightTensor>>;

bool starts_with_all(const Tensors& tensors, std::string_view prefix) {
  return !tensors.empty() && std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) {
    return tensor.first.size() > prefix.size() && tensor.first.compare(0, prefix.size(), prefix) == 0;
  });
}

/// Only where every name has it: cutting it from some would mix up two modules.
bool strip(Checkpoint& checkpoint, std::string_view prefix) {
  if (!starts_with_all(checkpoint.tensors, prefix)) return false;
  for (auto& tensor : checkpoint.tensors) tensor.first.erase(0, prefix.size());
  checkpoint.peeled.emplace_back(prefix);
  return true;
}

void strip_any(Checkpoint& checkpoint, std::initializer_list<std::string_view> prefixes) {
  const auto strip_one = [&](std::string_view prefix) { return strip(checkpoint, prefix); };
  while (std::any_of(prefixes.begin(), prefixes.end(), strip_one)) {
  }
}

bool equal(const WeightTensor& a, const WeightTensor& b) {
  return a.shape == b.shape && a.values == b.values && a.integers == b.integers;
}

/// Where the original of "attacker.X" may stand: the attacker of `robustness` calls its normaliser otherwise.
std::vector<std::string> originals_of(const std::string& copy) {
  std::string name = copy.substr(kAttacker.size());
  std::vector<std::string> names{name};
  constexpr std::string_view kNormalize = "normalize.";
  if (name.compare(0, kNormalize.size(), kNormalize) == 0)
    names.push_back("normalizer." + name.substr(kNormalize.size()));
  return names;
}

/// The library `robustness` saves the model a second time inside its attacker.
void drop_attacker_copies(Checkpoint& checkpoint, const CheckpointFile& file) {
  std::unordered_map<std::string_view, const WeightTensor*> by_name;
  for (const auto& [name, tensor] : checkpoint.tensors) by_name.emplace(name, &tensor);
  const auto is_copy = [&](const std::pair<std::string, WeightTensor>& tensor) {
    if (tensor.first.compare(0, kAttacker.size(), kAttacker) != 0) return false;
    for (const std::string& name : originals_of(tensor.first)) {
      const auto original = by_name.find(name);
      if (original == by_name.end()) continue;
      if (equal(*original->second, tensor.second)) return true;
      file.refuse(CheckpointProblem::ambiguous, "holds two different models: '" + tensor.first + "' differs from '" +
                                                    name + "'; save the one you mean");
    }
    return false;
  };
  std::vector<bool> copy;  // decided before anything moves: by_name points into the list
  for (const auto& tensor : checkpoint.tensors) copy.push_back(is_copy(tensor));
  Tensors kept;
  for (std::size_t i = 0; i < copy.size(); ++i)
    if (!copy[i]) kept.push_back(std::move(checkpoint.tensors[i]));
  const std::size_t copies = copy.size() - kept.size();
  checkpoint.tensors = std::move(kept);
  if (copies > 0)
    checkpoint.peeled.push_back(std::string(kAttacker) + " (" + std::to_string(copies) +
                                (copies == 1 ? " copy)" : " copies)"));
}

struct Normaliser {
  std::string prefix;
  std::size_t mean = 0, std = 0;
};

bool is_channel_vector(const WeightTensor& tensor) {
  return !tensor.values.empty() && tensor.values.size() <= kMostNormalisedChannels;
}

/// Mean and std side by side under one prefix. Two such pairs are no normaliser but something else.
std::optional<Normaliser> find_normaliser(const Tensors& tensors) {
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
      {"mean", "std"}, {"new_mean", "new_std"}, {"mu", "sigma"}};
  std::optional<Normaliser> found;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::string& name = tensors[i].first;
    const std::size_t dot = name.rfind('.');
    const std::size_t start = dot == std::string::npos ? 0 : dot + 1;
    for (const auto& [mean, deviation] : kPairs) {
      if (name.compare(start, std::string::npos, mean) != 0) continue;
      const std::string sibling = name.substr(0, start) + std::string(deviation);
      const auto other =
          std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.first == sibling; });
      if (other == tensors.end() || !is_channel_vector(tensors[i].second) || !is_channel_vector(other->second) ||
          tensors[i].second.values.size() != other->second.values.size())
        continue;
      const auto& spread = other->second.values;
      if (std::any_of(spread.begin(), spread.end(), [](float value) { return value <= 0; })) continue;
      if (found) return std::nullopt;
      found = {name.substr(0, start), i, static_cast<std::size_t>(other - tensors.begin())};
    }
  }
  return found;
}

void take_normaliser(Checkpoint& checkpoint) {
  const auto found = find_normaliser(checkpoint.tensors);
  if (!found || checkpoint.tensors.size() <= 2) return;
  const auto take = [&](std::size_t index, std::vector<double>& to) {
    const auto& [name, tensor] = checkpoint.tensors[index];
    to.assign(tensor.values.begin(), tensor.values.end());
    checkpoint.peeled.push_back(name);
  };
  take(found->mean, checkpoint.normaliser_mean);
  take(found->std, checkpoint.normaliser_std);
  const auto [first, second] = std::minmax(found->mean, found->std);
  checkpoint.tensors.erase(checkpoint.tensors.begin() + static_cast<std::ptrdiff_t>(second));
  checkpoint.tensors.erase(checkpoint.tensors.begin() + static_cast<std::ptrdiff_t>(first));
  // nn.Sequential(normalise, model): the model is number 1.
  if (found->prefix == "0.") strip(checkpoint, "1.");
}

}  // namespace

void peel_names(Checkpoint& checkpoint, const CheckpointFile& file) {
  strip_any(checkpoint, {"module.", "_orig_mod."});
  drop_attacker_copies(checkpoint, file);
  take_normaliser(checkpoint);
  strip_any(checkpoint, {"module.", "_orig_mod.", "model.", "net.", "network."});
}

}  // namespace cuebench
