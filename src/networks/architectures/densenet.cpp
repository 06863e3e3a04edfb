// DenseNet-BC (Huang et al., "Densely Connected Convolutional Networks", 2016): every layer reads all earlier maps of
// its block. Norms stand before their convolutions. torchvision's published files call a layer's norm "norm.1" where
// its program now says "norm1"; taps have the newer names.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

struct Plan {
  std::string_view depth;
  std::int64_t first, growth;
  int layers[4];
};
constexpr Plan kPlans[] = {{"121", 64, 32, {6, 12, 24, 16}},
                           {"161", 96, 48, {6, 12, 36, 24}},
                           {"169", 64, 32, {6, 12, 32, 32}},
                           {"201", 64, 32, {6, 12, 48, 32}}};
constexpr std::int64_t kBottleneck = 4;

const Plan& plan_of(std::string_view depth) {
  for (const Plan& plan : kPlans)
    if (plan.depth == depth) return plan;
  return kPlans[0];
}

class Writer {
 public:
  explicit Writer(std::string_view names) : dot_(names == "published" ? "." : "") {}

  Network write(const Plan& plan, const NodeShape& input, int classes, std::string architecture) && {
    int x = builder_.convolution(NetworkBuilder::kInput, "features.conv0", plan.first, {7, 2, 3}, false);
    x = builder_.batch_norm(x, "features.norm0");
    x = builder_.plain(Operation::relu, x, "features.relu0");
    x = builder_.pool(Operation::max_pool, x, "features.pool0", {3, 2, 1});
    std::int64_t width = plan.first;
    for (int block = 0; block < 4; ++block) {
      const std::string number = std::to_string(block + 1);
      x = append_block(x, "features.denseblock" + number, plan.layers[block], plan.growth);
      width += plan.layers[block] * plan.growth;
      if (block == 3) break;
      width /= 2;
      x = append_transition(x, "features.transition" + number, width);
    }
    x = builder_.batch_norm(x, "features.norm5");
    builder_.alias("features", x);
    x = builder_.plain(Operation::relu, x);
    x = builder_.plain(Operation::global_average_pool, x);
    builder_.linear(x, "classifier", classes);
    return std::move(builder_).finish(std::move(architecture), input);
  }

 private:
  /// The tap is LAYER.norm1, the parameters may be LAYER.norm.1.
  std::string parameters(const std::string& layer, const char* kind, int number) const {
    return layer + "." + kind + dot_ + std::to_string(number);
  }

  int append_filter(int x, const std::string& layer, int number, std::int64_t out, NetworkBuilder::Window window) {
    const std::string suffix = std::to_string(number);
    x = builder_.batch_norm(x, layer + ".norm" + suffix);
    builder_.rename_parameters(x, parameters(layer, "norm", number));
    x = builder_.plain(Operation::relu, x, layer + ".relu" + suffix);
    x = builder_.convolution(x, layer + ".conv" + suffix, out, window, false);
    builder_.rename_parameters(x, parameters(layer, "conv", number));
    return x;
  }

  int append_block(int x, const std::string& name, int layers, std::int64_t growth) {
    std::vector<int> maps{x};
    for (int i = 1; i <= layers; ++i) {
      const std::string layer = name + ".denselayer" + std::to_string(i);
      x = maps.size() == 1 ? maps[0] : builder_.concatenate(maps);
      x = append_filter(x, layer, 1, kBottleneck * growth, {1});
      x = append_filter(x, layer, 2, growth, {3, 1, 1});
      builder_.alias(layer, x);
      maps.push_back(x);
    }
    return builder_.concatenate(maps, name);
  }

  int append_transition(int x, const std::string& name, std::int64_t width) {
    x = builder_.batch_norm(x, name + ".norm");
    x = builder_.plain(Operation::relu, x, name + ".relu");
    x = builder_.convolution(x, name + ".conv", width, {1}, false);
    x = builder_.pool(Operation::average_pool, x, name + ".pool", {2, 2, 0});
    builder_.alias(name, x);
    return x;
  }

  NetworkBuilder builder_;
  std::string dot_;
};

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  return Writer(parameters.text("names"))
      .write(plan_of(parameters.text("depth")), input, classes, "densenet:" + parameters.canonical());
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  const bool published = has_tensor(checkpoint, "features.denseblock1.denselayer1.conv.1.weight");
  const auto fits = [&](const Plan& plan) {
    if (!has_shape(checkpoint, "features.conv0.weight", {plan.first, 3, 7, 7})) return false;
    for (int block = 0; block < 4; ++block) {
      const auto name = [&](int i) {
        return "features.denseblock" + std::to_string(block + 1) + ".denselayer" + std::to_string(i + 1) +
               (published ? ".conv.1.weight" : ".conv1.weight");
      };
      if (count_tensors(checkpoint, name) != plan.layers[block]) return false;
    }
    return true;
  };
  for (const Plan& plan : kPlans)
    if (fits(plan)) return "depth=" + std::string(plan.depth) + ",names=" + (published ? "published" : "current");
  return std::nullopt;
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "classifier");
}

}  // namespace

extern const ArchitectureInfo densenet_architecture{
    "densenet",
    "densely connected blocks with bottlenecks",
    "Huang et al. 2016 (arXiv:1608.06993); parameter names of torchvision",
    {
        {.name = "depth",
         .kind = ParameterKind::choice,
         .default_value = "121",
         .choices = {"121", "161", "169", "201"},
         .doc = "layers with weights"},
        {.name = "names",
         .kind = ParameterKind::choice,
         .default_value = "current",
         .choices = {"current", "published"},
         .doc = "current: denselayer1.norm1; published: denselayer1.norm.1, as in torchvision's files"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
