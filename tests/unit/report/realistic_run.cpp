#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include <cuebench/core/random.hpp>

#include "synthetic_run.hpp"

namespace cuebench::test {
namespace {

constexpr int kChannels = 64;

struct VariantPlan {
  const char* text;
  const char* keeps;
  double standard, robust;  ///< accuracy
  double disturbance;       ///< how far activations move from clean
};

constexpr std::array<VariantPlan, 11> kPlan{
    {{"clean", "both", 0.94, 0.84, 0},
     {"grayscale:weights=709", "both", 0.90, 0.82, 0.1},
     {"silhouette:mask=auto,polarity=black_on_white,threshold=128", "shape", 0.22, 0.37, 0.9},
     {"edges:high=0.15,low=0.05,method=canny,polarity=black_on_white,sigma=2", "shape", 0.25, 0.41, 0.8},
     {"stylize:colour=0.8,gain=1", "shape", 0.30, 0.46, 0.7},
     {"saturate:p=8", "shape", 0.80, 0.76, 0.3},
     {"saturate:p=64", "shape", 0.60, 0.66, 0.5},
     {"saturate:p=1024", "shape", 0.45, 0.60, 0.6},
     {"patch_shuffle:allow_identity=no,k=2,layout=cells", "texture", 0.66, 0.43, 0.4},
     {"patch_shuffle:allow_identity=no,k=4,layout=cells", "texture", 0.41, 0.24, 0.6},
     {"patch_shuffle:allow_identity=no,k=8,layout=cells", "texture", 0.24, 0.16, 0.8}}};

/// Standard normal values that depend on the key only.
std::vector<double> normals(std::string_view key, std::string_view purpose, int count) {
  RandomStream random(17, key, purpose);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = random.normal();
  return values;
}

}  // namespace

SyntheticRun realistic_run(std::int64_t items) {
  const std::vector<std::string> classes{"airplane", "automobile", "bird",  "cat",  "deer",
                                         "dog",      "frog",       "horse", "ship", "truck"};
  std::vector<StoredVariant> variants;
  for (std::size_t i = 1; i < kPlan.size(); ++i) variants.push_back({kPlan[i].text, kPlan[i].keeps});
  SyntheticRun run = SyntheticRun::pair(variants, classes, items);
  run.description.models[0].name = "standard";
  run.description.models[1].name = "robust-linf8";
  run.description.layers = {{0, "layer3", kChannels, "closed"}, {1, "layer3", kChannels, "closed"}};
  run.description.configuration = R"({"data":"sha256 of the data","seed":0,"batch":64,"presets":["cifar"],"pairs":[]})";
  for (StoredItem& item : run.description.items)
    item.id = fmt::format("test_batch.bin#{}", &item - run.description.items.data());

  for (std::int64_t item = 37; item < items; item += 400)
    run.bad_images.push_back({item, {fmt::format("test/{}.png", item), 811, "PNG data end early"}});
  const auto bad = [bad_images = run.bad_images](std::int64_t item) {
    return std::any_of(bad_images.begin(), bad_images.end(), [&](const auto& entry) { return entry.first == item; });
  };
  const auto labels = std::make_shared<std::vector<int>>();
  for (const StoredItem& item : run.description.items) labels->push_back(item.label);

  run.outcome = [bad, labels](std::int64_t item, int model, int variant) -> std::optional<Outcome> {
    if (bad(item)) return std::nullopt;
    const std::string key = std::to_string(item);
    // A part of the difficulty belongs to the image, a part to this model and variant.
    const double shared = RandomStream(3, key, "difficulty").uniform();
    const double own = RandomStream(3, key, fmt::format("{} {}", model, variant)).uniform();
    const VariantPlan& plan = kPlan[variant];
    const double hard = (*labels)[item] == 3 || (*labels)[item] == 5 ? 0.12 : 0.0;  // cats and dogs
    const double accuracy = std::max(0.02, (model == 0 ? plan.standard : plan.robust) - hard);
    const bool right =
        (own < 0.5 ? shared : RandomStream(4, key, fmt::format("{} {}", model, variant)).uniform()) < accuracy;
    const auto confidence = static_cast<float>(model == 0 ? 0.7 + 0.29 * own : 0.35 + 0.5 * own);
    return answer(right, (*labels)[item], 10, confidence);
  };
  run.relevance = [](int label, int layer) {
    return normals(fmt::format("class {} layer {}", label, layer), "relevance", kChannels);
  };
  run.activation = [labels, relevance = run.relevance](std::int64_t item, int layer, int variant) {
    const std::vector<double> mean = relevance((*labels)[item], layer);
    const std::vector<double> image = normals(fmt::format("{}", item), fmt::format("image {}", layer), kChannels);
    const std::vector<double> noise =
        normals(fmt::format("{}", item), fmt::format("variant {} {}", layer, variant), kChannels);
    const double move = kPlan[variant].disturbance * (layer == 0 ? 1.0 : 0.55);
    std::vector<double> activation(kChannels);
    for (int c = 0; c < kChannels; ++c)
      activation[c] = std::max(0.0, (1 - 0.8 * move) * mean[c] + 0.4 * image[c] + move * noise[c]);
    return activation;
  };
  for (std::int64_t item = 3; item < std::min<std::int64_t>(items, 80); item += 16)
    for (int variant = 0; variant < static_cast<int>(kPlan.size()); ++variant)
      run.pictures.push_back({item, variant, tiny_png(static_cast<std::uint64_t>(item * 100 + variant))});
  for (std::int64_t item = 0; item < items; ++item)
    if (!bad(item) && item % 7 != 0) run.notes.push_back({item, 2, item % 3 ? "mask=automatic" : "mask=file"});
  return run;
}

}  // namespace cuebench::test
