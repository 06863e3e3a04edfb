#include <algorithm>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/random.hpp>
#include <cuebench/datasets/pairing.hpp>

namespace cuebench {
namespace {

/// Items of each class in an order drawn for this purpose.
std::vector<std::vector<std::size_t>> shuffled_classes(const Dataset& dataset, std::uint64_t seed,
                                                       std::string_view purpose) {
  std::vector<std::vector<std::size_t>> classes(dataset.classes.size());
  for (std::size_t i = 0; i < dataset.items.size(); ++i)
    if (dataset.items[i].label >= 0) classes[std::size_t(dataset.items[i].label)].push_back(i);
  for (std::size_t c = 0; c < classes.size(); ++c) {
    RandomStream random(seed, dataset.classes[c], purpose);
    random.shuffle(std::span<std::size_t>(classes[c]));
  }
  return classes;
}

/// The other classes that have an image, in an order of this class's own.
std::vector<std::size_t> lenders_of(std::size_t own, const std::vector<std::vector<std::size_t>>& classes,
                                    const Dataset& dataset, std::uint64_t seed) {
  std::vector<std::size_t> lenders;
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (c != own && !classes[c].empty()) lenders.push_back(c);
  RandomStream random(seed, dataset.classes[own], "texture classes");
  random.shuffle(std::span<std::size_t>(lenders));
  return lenders;
}

}  // namespace

std::vector<std::size_t> conflict_partners(const Dataset& dataset, std::uint64_t seed) {
  if (dataset.has_cues)
    throw UsageError(
        fmt::format("the images of '{}' are cue conflicts already, so cue_conflict has no clean shapes and "
                    "textures to combine: leave it out, or use data without conflicts",
                    dataset.source));
  const auto shapes = shuffled_classes(dataset, seed, "shapes"), textures = shuffled_classes(dataset, seed, "textures");
  const auto filled = std::count_if(shapes.begin(), shapes.end(), [](const auto& items) { return !items.empty(); });
  if (filled < 2)
    throw UsageError(fmt::format(
        "cue_conflict takes shape and texture from images of different classes, and '{}' has images of {} class{}: "
        "use data with labels of two classes or more",
        dataset.source, filled, filled == 1 ? "" : "es"));
  std::vector<std::size_t> partners(dataset.items.size(), kNoPartner), lent(shapes.size(), 0);
  for (std::size_t c = 0; c < shapes.size(); ++c) {
    if (shapes[c].empty()) continue;
    const auto lenders = lenders_of(c, shapes, dataset, seed);
    for (std::size_t i = 0; i < shapes[c].size(); ++i) {
      const std::size_t lender = lenders[i % lenders.size()];
      partners[shapes[c][i]] = textures[lender][lent[lender]++ % textures[lender].size()];
    }
  }
  return partners;
}

Dataset with_conflict_labels(Dataset dataset, const std::vector<std::size_t>& partners) {
  for (std::size_t i = 0; i < dataset.items.size(); ++i) {
    Item& item = dataset.items[i];
    item.shape_label = item.label;
    item.texture_label = partners[i] == kNoPartner ? -1 : dataset.items[partners[i]].label;
  }
  return dataset;
}

}  // namespace cuebench
