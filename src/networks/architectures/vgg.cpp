// VGG (Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014): five groups of
// 3x3 convolutions, each followed by a max pool, means of a 7x7 grid, three linear layers. With batch_norm=true every
// convolution is followed by a norm, which shifts the numbers of the modules.

#include <cuebench/networks/architecture.hpp>

#include "../network_builder.hpp"
#include "recognition.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kGrid = 7;
constexpr std::int64_t kWidths[] = {64, 128, 256, 512, 512};

struct Plan {
  std::string_view depth;
  int convolutions[5];  ///< of each group
};
constexpr Plan kPlans[] = {
    {"11", {1, 1, 2, 2, 2}}, {"13", {2, 2, 2, 2, 2}}, {"16", {2, 2, 3, 3, 3}}, {"19", {2, 2, 4, 4, 4}}};

const Plan& plan_of(std::string_view depth) {
  for (const Plan& plan : kPlans)
    if (plan.depth == depth) return plan;
  return kPlans[0];
}

Network build(const Parameters& parameters, const NodeShape& input, int classes) {
  const Plan& plan = plan_of(parameters.text("depth"));
  const bool norms = parameters.text("batch_norm") == "true";
  const std::int64_t hidden = parameters.integer("hidden");
  NetworkBuilder builder;
  int x = NetworkBuilder::kInput;
  int index = 0;
  const auto name = [&] { return "features." + std::to_string(index++); };
  for (int group = 0; group < 5; ++group) {
    for (int i = 0; i < plan.convolutions[group]; ++i) {
      x = builder.convolution(x, name(), kWidths[group], {3, 1, 1}, true);
      if (norms) x = builder.batch_norm(x, name());
      x = builder.plain(Operation::relu, x, name());
    }
    x = builder.pool(Operation::max_pool, x, name(), {2, 2, 0});
  }
  builder.alias("features", x);
  x = builder.pool(Operation::adaptive_average_pool, x, "avgpool", {kGrid});
  x = builder.plain(Operation::flatten, x);
  x = builder.linear(x, "classifier.0", hidden);
  x = builder.plain(Operation::relu, x, "classifier.1");
  builder.alias("classifier.2", x);
  x = builder.linear(x, "classifier.3", hidden);
  x = builder.plain(Operation::relu, x, "classifier.4");
  builder.alias("classifier.5", x);
  x = builder.linear(x, "classifier.6", classes);
  builder.alias("classifier", x);
  return std::move(builder).finish("vgg:" + parameters.canonical(), input);
}

/// Whether the convolutions stand where the plan puts them and nowhere else.
bool fits(const Checkpoint& checkpoint, const Plan& plan, bool norms) {
  int index = 0;
  std::int64_t in = 3;
  for (int group = 0; group < 5; ++group) {
    for (int i = 0; i < plan.convolutions[group]; ++i, index += norms ? 3 : 2) {
      if (!has_shape(checkpoint, "features." + std::to_string(index) + ".weight", {kWidths[group], in, 3, 3}))
        return false;
      in = kWidths[group];
    }
    ++index;
  }
  return has_tensor(checkpoint, "features.1.running_mean") == norms;
}

std::optional<std::string> recognise(const Checkpoint& checkpoint) {
  const std::int64_t hidden = extent(checkpoint, "classifier.0.weight", 0);
  if (!has_shape(checkpoint, "classifier.0.weight", {hidden, kWidths[4] * kGrid * kGrid}) ||
      !has_shape(checkpoint, "classifier.3.weight", {hidden, hidden}))
    return std::nullopt;
  for (const Plan& plan : kPlans)
    for (const bool norms : {false, true})
      if (fits(checkpoint, plan, norms))
        return "batch_norm=" + std::string(norms ? "true" : "false") + ",depth=" + std::string(plan.depth) +
               ",hidden=" + std::to_string(hidden);
  return std::nullopt;
}

int count_classes(const Parameters&, const Checkpoint& checkpoint) {
  return outputs_of(checkpoint, "classifier.6");
}

}  // namespace

extern const ArchitectureInfo vgg_architecture{
    "vgg",
    "8 to 16 convolutions of 3x3 in five groups and three linear layers",
    "Simonyan and Zisserman 2014 (arXiv:1409.1556); parameter names of torchvision",
    {
        {.name = "batch_norm",
         .kind = ParameterKind::choice,
         .default_value = "false",
         .choices = {"false", "true"},
         .doc = "a norm after every convolution"},
        {.name = "depth",
         .kind = ParameterKind::choice,
         .default_value = "16",
         .choices = {"11", "13", "16", "19"},
         .doc = "layers with weights, the norms not counted"},
        {.name = "hidden",
         .kind = ParameterKind::integer,
         .default_value = "4096",
         .minimum = 1,
         .maximum = 1 << 20,
         .unit = "features",
         .doc = "width of the first two linear layers"},
    },
    &build,
    &recognise,
    &count_classes,
    {3, 224, 224}};

}  // namespace cuebench
