// The registered architectures against published weights: recognised or told, every slot filled, parameters counted.

#include <algorithm>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/networks/architecture.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

AssembledNetwork assemble(const std::filesystem::path& file, std::string_view arch = "", const Sidecar& sidecar = {}) {
  return assemble_network(read_checkpoint(file), arch, sidecar, file.filename().string());
}

/// Values that training changes, counted in the file itself.
std::int64_t trained_values(const Checkpoint& checkpoint) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : checkpoint.tensors)
    if (name.ends_with(".weight") || name.ends_with(".bias")) count += tensor.size();
  return count;
}

struct Published {
  const char* file;
  const char* architecture;
  int classes;
  std::int64_t parameters;  ///< 0: not published
};

TEST(Architectures, PublishedWeightsAreRecognisedByTheirKeys) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const std::string append = "heads=0,layout=vanilla,shortcut=append,stem_stride=1,width=16",
                    split = "heads=0,layout=akamaster,shortcut=split,stem_stride=1,width=16";
  const std::pair<Published, std::string> files[] = {
      {{"original/CIFAR10-resnet20.pth", "cifar_resnet:depth=20,head=0,", 10, 269722}, append},
      {{"original/CIFAR10-resnet20-adv.pth", "cifar_resnet:depth=20,head=0,", 10, 269722}, append},
      {{"original/CIFAR100-resnet20.pth", "cifar_resnet:depth=20,head=0,", 100, 275572}, append},
      {{"converted/omp-resnet32-head0.pth", "cifar_resnet:depth=32,head=0,", 10, 464154}, append},
      {{"safetensors/vanilla-resnet20-std.safetensors", "cifar_resnet:depth=20,head=0,", 10, 269722}, append},
      {{"original/akamaster-resnet20-12fca82f.th", "cifar_resnet:depth=20,head=0,", 10, 269722}, split},
      {{"original/akamaster-resnet56-4bfd9763.th", "cifar_resnet:depth=56,head=0,", 10, 853018}, split},
      {{"original/abc-resnet2b.pth", "small_resnet:variant=2b", 10, 0}, ""},
      {{"original/abc-resnet4b.pth", "small_resnet:variant=4b", 10, 0}, ""}};
  for (const auto& [published, rest] : files) {
    SCOPED_TRACE(published.file);
    const AssembledNetwork assembled = assemble(folder / published.file);
    EXPECT_EQ(assembled.network.architecture, published.architecture + rest);
    EXPECT_EQ(assembled.classes, published.classes);
    EXPECT_EQ(assembled.network.nodes.back().shape, NodeShape{published.classes});
    EXPECT_EQ(assembled.network.parameter_count(), trained_values(assembled.checkpoint));
    if (published.parameters > 0) {
      EXPECT_EQ(assembled.network.parameter_count(), published.parameters);
    }
  }
}

TEST(Architectures, TypedParametersWinAndTheOthersAreStillRecognised) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const auto renamed = folder / "converted/vanilla-resnet20-std-renamed.pth";
  EXPECT_EQ(assemble(renamed).network.architecture,
            "cifar_resnet:depth=20,head=0,heads=0,layout=akamaster,shortcut=split,stem_stride=1,width=16");
  const Network network = assemble(renamed, "cifar_resnet:shortcut=append").network;
  EXPECT_EQ(network.architecture,
            "cifar_resnet:depth=20,head=0,heads=0,layout=akamaster,shortcut=append,stem_stride=1,width=16");
  const int shortcut = network.find("layer2.0.shortcut");
  ASSERT_GE(shortcut, 0);
  EXPECT_EQ(network.nodes[shortcut].pad_before, 0);
  EXPECT_EQ(network.nodes[shortcut].pad_after, 16);
  Sidecar sidecar;
  sidecar.arch = "cifar_resnet:shortcut=append";
  EXPECT_EQ(assemble(renamed, "", sidecar).network.architecture, network.architecture);
  EXPECT_EQ(assemble(renamed, "cifar_resnet:shortcut=split", sidecar).network.architecture,
            assemble(renamed).network.architecture);
}

TEST(Architectures, SplitShortcutsPutAQuarterOnEachSide) {
  const ArchitectureInfo& info = *registered_architectures()[0];
  ASSERT_EQ(info.name, "cifar_resnet");
  const auto parameters = resolve_parameters("test", info.parameters, {{"layout", "akamaster"}, {"shortcut", "split"}});
  const Network network = info.build(parameters, {3, 32, 32}, 10);
  const Node& second = network.nodes[network.find("layer2.0.shortcut")];
  const Node& third = network.nodes[network.find("layer3.0.shortcut")];
  EXPECT_EQ(std::pair(second.pad_before, second.pad_after), (std::pair<std::int64_t, std::int64_t>(8, 8)));
  EXPECT_EQ(std::pair(third.pad_before, third.pad_after), (std::pair<std::int64_t, std::int64_t>(16, 16)));
}

TEST(Architectures, WidthAndStemStrideShapeTheStages) {
  const ArchitectureInfo& info = *registered_architectures()[0];
  const auto parameters =
      resolve_parameters("test", info.parameters, {{"depth", "8"}, {"stem_stride", "2"}, {"width", "6"}});
  const Network network = info.build(parameters, {3, 64, 64}, 10);
  EXPECT_EQ(network.nodes[network.find("bn_1")].shape, (NodeShape{6, 32, 32}));
  EXPECT_EQ(network.nodes[network.find("stage_2")].shape, (NodeShape{12, 16, 16}));
  EXPECT_EQ(network.nodes[network.find("stage_3")].shape, (NodeShape{24, 8, 8}));
  // The width is recognised from the weights; the stride is not in them.
  Checkpoint checkpoint;
  for (const ParameterSlot& slot : parameter_slots(network)) {
    std::int64_t size = 1;
    for (const std::int64_t side : slot.shape) size *= side;
    if (slot.required)
      checkpoint.tensors.push_back({slot.name, {slot.shape, std::vector<float>(size, 1.0F), {}, "float32"}});
  }
  EXPECT_EQ(info.recognise(checkpoint), "depth=8,width=6,layout=vanilla,shortcut=append");
  const auto odd = resolve_parameters("test", info.parameters, {{"width", "7"}});
  EXPECT_NE(error_of([&] { info.build(odd, {3, 32, 32}, 10); }).find("width=7 is odd"), std::string::npos);
}

TEST(Architectures, ParallelHeadsAreOneNetworkEachAndTheRestIsNamed) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const auto heads = folder / "original/omp-OMPc-resnet32-lamb-0.1-path-10.pth";
  const AssembledNetwork first = assemble(heads);
  EXPECT_EQ(first.network.architecture,
            "cifar_resnet:depth=32,head=0,heads=10,layout=vanilla,shortcut=append,stem_stride=1,width=16");
  EXPECT_EQ(first.network.nodes.back().parameters, "classifiers.0");
  EXPECT_FALSE(first.network.nodes.back().bias);
  EXPECT_EQ(std::count_if(first.checkpoint.others.begin(), first.checkpoint.others.end(),
                          [](const std::string& other) { return other.find("is not used") != std::string::npos; }),
            9);
  EXPECT_EQ(assemble(heads, "cifar_resnet:head=7").network.nodes.back().parameters, "classifiers.7");
  const std::string message = error_of([&] { assemble(heads, "cifar_resnet:head=10"); });
  EXPECT_NE(message.find("0 to 9"), std::string::npos) << message;
  // The converted file holds head 0 with a bias of zero.
  const Checkpoint converted = read_checkpoint(folder / "converted/omp-resnet32-head0.pth");
  const Checkpoint original = read_checkpoint(heads);
  EXPECT_EQ(converted.find("classifier.weight")->values, original.find("classifiers.0.weight")->values);
  EXPECT_EQ(converted.find("classifier.bias")->values, std::vector<float>(10, 0.0F));
  EXPECT_EQ(converted.find("stage_3.4.conv_b.weight")->values, original.find("stage_3.4.conv_b.weight")->values);
}

TEST(Architectures, RenamedFilesHoldTheWeightsOfTheirOriginals) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const Checkpoint original = read_checkpoint(folder / "original/CIFAR10-resnet20-adv.pth");
  const Checkpoint renamed = read_checkpoint(folder / "converted/vanilla-resnet20-adv-renamed.pth");
  for (const auto& [from, to] : {std::pair("conv_1_3x3.weight", "conv1.weight"), std::pair("bn_1.bias", "bn1.bias"),
                                 std::pair("stage_2.0.conv_a.weight", "layer2.0.conv1.weight"),
                                 std::pair("stage_3.2.bn_b.running_var", "layer3.2.bn2.running_var"),
                                 std::pair("classifier.weight", "linear.weight")})
    EXPECT_EQ(original.find(from)->values, renamed.find(to)->values) << from;
}

TEST(Architectures, TapsHaveTheModuleNamesOfPyTorch) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const Network network = assemble(folder / "original/CIFAR10-resnet20.pth").network;
  const int last = network.find("stage_3.2");
  ASSERT_GE(last, 0);
  EXPECT_EQ(network.nodes[last].operation, Operation::relu);  // the block's output, after the sum and the ReLU
  EXPECT_EQ(network.nodes[last].shape, (NodeShape{64, 8, 8}));
  EXPECT_EQ(network.find("stage_3"), last);
  EXPECT_EQ(network.find("avgpool"), last + 1);
  EXPECT_EQ(network.nodes[network.find("stage_2.0.conv_a")].shape, (NodeShape{32, 16, 16}));
  EXPECT_EQ(network.find("bn_1"), 2);
  EXPECT_EQ(network.find("nothing"), -1);
  EXPECT_EQ(network.find(""), -1);
  const auto head = closed_form_head(network, last);
  ASSERT_TRUE(head);
  EXPECT_EQ(network.nodes[*head].name, "classifier");
  EXPECT_FALSE(closed_form_head(network, network.find("stage_3.1")));
  const auto taps = network.tap_names();
  EXPECT_EQ(std::set<std::string>(taps.begin(), taps.end()).size(), taps.size());
  for (const std::string& tap : taps) EXPECT_GE(network.find(tap), 0) << tap;
  // Every module that holds weights can be tapped.
  for (const auto& [name, tensor] : assemble(folder / "original/CIFAR10-resnet20.pth").checkpoint.tensors)
    EXPECT_GE(network.find(name.substr(0, name.rfind('.'))), 0) << name;
}

TEST(Architectures, DepthsOtherThanSixNPlusTwoAreRefused) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const auto file = folder / "original/CIFAR10-resnet20.pth";
  EXPECT_NE(error_of([&] { assemble(file, "cifar_resnet:depth=21"); }).find("6n+2"), std::string::npos);
  const std::string unknown = error_of([&] { assemble(file, "cifar_resnt"); });
  EXPECT_NE(unknown.find("cifar_resnet"), std::string::npos) << unknown;
}

const char* const kCnnA =
    R"([{"conv": {"out": 16, "kernel": 4, "stride": 2, "padding": 1}}, "relu",
        {"conv": {"out": 32, "kernel": 4, "stride": 2, "padding": 1}}, "relu", "flatten",
        {"linear": 100}, "relu", {"linear": 10}])";
const char* const kMarabou =
    R"([{"conv": {"out": %, "kernel": 4, "stride": 2}}, "relu", {"conv": {"out": &, "kernel": 4, "stride": 2}}, "relu",
        "flatten", {"linear": 128}, "relu", {"linear": 64}, "relu", {"linear": "classes"}])";

TEST(Sequential, PublishedChainsFitTheirLayers) {
  CUEBENCH_REQUIRE_SHARED(original, "data/checkpoints/original");
  Sidecar cifar, mnist;
  cifar.layers = mnist.layers = kCnnA;
  mnist.input_size = {1, 28, 28};
  for (const char* file : {"abc-cifar_cnn_a_adv.model", "abc-cifar_cnn_a_mix4.model", "abc-cifar_wide.pth"}) {
    const AssembledNetwork assembled = assemble(original / file, "", cifar);
    EXPECT_EQ(assembled.network.architecture,
              "sequential:layers=conv16k4s2p1-relu-conv32k4s2p1-relu-flatten-linear100-relu-linear10");
    EXPECT_EQ(assembled.network.parameter_count(), trained_values(assembled.checkpoint));
    EXPECT_EQ(assembled.network.nodes[assembled.network.find("4")].shape, NodeShape{2048});
  }
  for (const char* file : {"fast-fgsm.pth", "fast-pgd_madry.pth", "kw-mnist.pth", "lirpa-mnist_a_adv.pth"})
    EXPECT_EQ(assemble(original / file, "", mnist).network.nodes[5].shape, NodeShape{1568}) << file;
  for (const auto& [file, widths] : {std::pair("abc-cifar_marabou_medium.pth", std::pair(16, 32)),
                                     std::pair("abc-cifar_marabou_large.pth", std::pair(32, 64))}) {
    Sidecar sidecar;
    sidecar.layers = kMarabou;
    sidecar.layers.replace(sidecar.layers.find('%'), 1, std::to_string(widths.first));
    sidecar.layers.replace(sidecar.layers.find('&'), 1, std::to_string(widths.second));
    const AssembledNetwork assembled = assemble(original / file, "sequential", sidecar);
    EXPECT_EQ(assembled.classes, 10) << file;
    EXPECT_EQ(assembled.network.nodes.back().parameters, "9");
  }
}

TEST(Sequential, CanonicalTextBuildsTheSameNetwork) {
  CUEBENCH_REQUIRE_SHARED(original, "data/checkpoints/original");
  Sidecar sidecar;
  sidecar.layers = kCnnA;
  const auto file = original / "abc-cifar_cnn_a_adv.model";
  const Network first = assemble(file, "", sidecar).network;
  const Network second = assemble(file, first.architecture).network;
  EXPECT_EQ(second.architecture, first.architecture);
  ASSERT_EQ(second.nodes.size(), first.nodes.size());
  for (std::size_t i = 0; i < first.nodes.size(); ++i) EXPECT_EQ(second.nodes[i].shape, first.nodes[i].shape);
}

TEST(Sequential, WrongInputSizeOrLayersGiveATable) {
  CUEBENCH_REQUIRE_SHARED(original, "data/checkpoints/original");
  Sidecar sidecar;
  sidecar.layers = kCnnA;
  const std::string colour = error_of([&] { assemble(original / "kw-mnist.pth", "", sidecar); });
  EXPECT_NE(colour.find("input_size"), std::string::npos) << colour;
  EXPECT_NE(colour.find("0.weight: the file has [16, 1, 4, 4], the network needs [16, 3, 4, 4]"), std::string::npos)
      << colour;
  const std::string unknown = error_of([&] { assemble(original / "kw-mnist.pth"); });
  EXPECT_NE(unknown.find("\"layers\" in kw-mnist.pth.json"), std::string::npos) << unknown;
  EXPECT_NE(error_of([&] { assemble(original / "kw-mnist.pth", "sequential"); }).find("no layers"), std::string::npos);
}

TEST(Assembly, MisfitsAreListedInAShortTable) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints");
  const auto file = folder / "original/CIFAR10-resnet20.pth";
  const std::string deeper = error_of([&] { assemble(file, "cifar_resnet:depth=32"); });
  EXPECT_NE(deeper.find("missing     stage_1.3.conv_a.weight [16, 16, 3, 3]"), std::string::npos) << deeper;
  EXPECT_NE(deeper.find("... and"), std::string::npos) << deeper;
  EXPECT_LT(std::count(deeper.begin(), deeper.end(), '\n'), 30);
  Sidecar sidecar;
  sidecar.classes = {"a", "b"};
  const std::string classes = error_of([&] { assemble(file, "", sidecar); });
  EXPECT_NE(classes.find("10 outputs"), std::string::npos) << classes;
  EXPECT_NE(classes.find("2 classes"), std::string::npos) << classes;
  const std::string unrecognised = error_of([&] { assemble(folder / "bad/ok_small.pth"); });
  EXPECT_NE(unrecognised.find("conv1.weight [4, 3, 3, 3]"), std::string::npos) << unrecognised;
  EXPECT_NE(unrecognised.find("arch="), std::string::npos) << unrecognised;
}

TEST(Assembly, IntegerWeightsAndExtraTensorsAreMisfits) {
  const auto layers = "sequential:layers=flatten-linear2";
  Sidecar sidecar;
  sidecar.input_size = {1, 1, 3};
  Checkpoint checkpoint;
  checkpoint.tensors = {{"1.weight", {{2, 3}, {}, {1, 2, 3, 4, 5, 6}, "int32"}},
                        {"1.bias", {{2}, {0, 0}, {}, "float32"}},
                        {"2.bias", {{2}, {0, 0}, {}, "float32"}}};
  const std::string message = error_of([&] { assemble_network(checkpoint, layers, sidecar, "x.pth"); });
  EXPECT_NE(message.find("mis-shaped  1.weight: the file has int32"), std::string::npos) << message;
  EXPECT_NE(message.find("unexpected  2.bias [2]"), std::string::npos) << message;
}

}  // namespace
}  // namespace cuebench
