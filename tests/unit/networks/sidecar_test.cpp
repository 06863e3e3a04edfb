// Sidecars and the layers of a sequential network: what is read, and what is said about slips.

#include <functional>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/networks/architecture.hpp>

#include "../../../src/networks/sequential_layers.hpp"
#include "test_data.hpp"

namespace cuebench {
namespace {

Sidecar read(const std::string& text) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder.path() / "x.pth.json", text);
  return read_sidecar(folder.path() / "x.pth.json");
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(SidecarFile, EveryKeyIsRead) {
  const Sidecar sidecar = read(R"({"arch": "cifar_resnet:shortcut=append", "role": "robust", "preset": "cifar",
    "mean": [0.5, 0.25, 0], "std": [1, 0.5, 0.25], "classes": ["cat", "dog"], "input_size": [3, 32, 16],
    "channel_order": "bgr", "layers": ["relu", {"linear": 10}]})");
  EXPECT_EQ(sidecar.arch, "cifar_resnet:shortcut=append");
  EXPECT_EQ(sidecar.role, "robust");
  EXPECT_EQ(sidecar.preset, "cifar");
  EXPECT_EQ(sidecar.mean, (std::vector<double>{0.5, 0.25, 0}));
  EXPECT_EQ(sidecar.std, (std::vector<double>{1, 0.5, 0.25}));
  EXPECT_EQ(sidecar.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(sidecar.input_size, (std::vector<std::int64_t>{3, 32, 16}));
  EXPECT_EQ(sidecar.channel_order, "bgr");
  EXPECT_EQ(layers_text(parse_layers_json(sidecar.layers, "x")), "relu-linear10");
  const Sidecar empty = read("{}");
  EXPECT_EQ(empty.channel_order, "rgb");
  EXPECT_TRUE(empty.arch.empty() && empty.mean.empty() && empty.layers.empty());
}

TEST(SidecarFile, WhatIsWrittenReadsBackToTheSame) {
  const std::string text = R"({"arch": "sequential", "role": "robust", "preset": "cifar", "mean": [0.1, 0.25, 0],
    "std": [1, 0.3, 0.25], "classes": ["cat", "a \"dog\""], "input_size": [3, 32, 16], "channel_order": "bgr",
    "layers": ["relu", {"linear": 10}], "training": {"epochs": 3, "optimiser": {"lr": 0.1}},
    "reference": {"recipe": "hash_noise", "size": [3, 32, 16], "made_by": "PyTorch", "logits": [[0.1, -3e-7], [2, 5]]}})";
  const Sidecar sidecar = read(text);
  EXPECT_EQ(sidecar.training, R"({"epochs":3,"optimiser":{"lr":0.1}})");
  const std::string written = sidecar_json(sidecar);
  const Sidecar back = read(written);
  EXPECT_EQ(sidecar_json(back), written);
  EXPECT_EQ(std::tie(back.arch, back.role, back.preset, back.mean, back.std, back.classes, back.input_size,
                     back.channel_order, back.layers, back.training),
            std::tie(sidecar.arch, sidecar.role, sidecar.preset, sidecar.mean, sidecar.std, sidecar.classes,
                     sidecar.input_size, sidecar.channel_order, sidecar.layers, sidecar.training));
  const auto fields = [](const ReferenceLogits& r) { return std::tie(r.recipe, r.size, r.logits, r.made_by, r.note); };
  EXPECT_EQ(back.reference.logits, (std::vector<std::vector<double>>{{0.1, -3e-7}, {2, 5}}));
  EXPECT_EQ(fields(back.reference), fields(sidecar.reference));
  EXPECT_EQ(sidecar_json({}), "{}\n");
}

TEST(SidecarFile, SlipsNameFileKeyAndRemedy) {
  const std::pair<const char*, const char*> slips[] = {
      {"", "not valid JSON"},
      {"[1]", "no JSON object"},
      {R"({"mean": [0.5],})", "not valid JSON at byte"},
      {R"({"architecture": "x"})", "keys: arch, role"},
      {R"({"input_siz": [3, 32, 32]})", "did you mean input_size?"},
      {R"({"arch": 3})", "arch is a text"},
      {R"({"training": "fast"})", "training is the object"},
      {R"({"role": "strong"})", "'standard' or 'robust', not 'strong'"},
      {R"({"mean": [0.5, 0.5, 0.5]})", "std 0"},
      {R"({"mean": [123.7], "std": [58]})", "pixels in [0, 1]"},
      {R"({"mean": ["a"], "std": [1]})", "one number per channel"},
      {R"({"mean": [0], "std": [0]})", "above 0"},
      {R"({"classes": 10})", "list of names"},
      {R"({"classes": ["a", 1]})", "list of names"},
      {R"({"input_size": [32, 32]})", "[channels, height, width]"},
      {R"({"input_size": [3, 0, 32]})", "[channels, height, width]"},
      {R"({"input_size": [3, 32.5, 32]})", "[channels, height, width]"},
      {R"({"channel_order": "gbr"})", "'rgb' or 'bgr'"},
      {R"({"layers": "relu"})", "list of layers"},
      {R"({"arch": "a", "arch": "b"})", "stands twice"},
      {R"({"mean": [NaN], "std": [1]})", "holds NaN or Infinity at byte"},
      {R"({"mean": [-Infinity], "std": [1]})", "holds NaN or Infinity at byte"},
      {R"({"mean": [1e999], "std": [1]})", "too large"},
      {R"({"layers": [[[[[[[[1]]]]]]]]})", "nested too deeply"}};
  for (const auto& [text, says] : slips) {
    const std::string message = error_of([&] { read(text); });
    EXPECT_NE(message.find("x.pth.json'"), std::string::npos) << text << ": " << message;
    EXPECT_NE(message.find(says), std::string::npos) << text << ": " << message;
  }
}

TEST(SidecarFile, SlipsInTheReferenceAreNamed) {
  const std::string start = R"({"reference": {"recipe": "hash_noise", "size": [3, 32, 32], )";
  const std::pair<std::string, const char*> slips[] = {
      {R"({"reference": [1]})", "object {recipe, size, logits}"},
      {R"({"reference": {"recipe": "hash_noise", "size": [3, 2, 2]}})", "has no logits"},
      {start + R"("logit": [[1]]}})", "did you mean logits?"},
      {R"({"reference": {"recipe": "photographs", "size": [3, 2, 2], "logits": [[1]]}})",
       "makes images by: hash_noise"},
      {R"({"reference": {"recipe": 1, "size": [3, 2, 2], "logits": [[1]]}})", "recipe that is no text"},
      {R"({"reference": {"recipe": "hash_noise", "size": [2, 2], "logits": [[1]]}})", "[channels, height, width]"},
      {R"({"reference": {"recipe": "hash_noise", "size": [3, 0, 2], "logits": [[1]]}})", "[channels, height, width]"},
      {R"({"reference": {"recipe": "hash_noise", "size": [3, 65536, 65536], "logits": [[1]]}})", "more than 256 MiB"},
      {start + R"("logits": []}})", "one list for each image"},
      {start + R"("logits": [1, 2]}})", "no list of logits for image 0"},
      {start + R"("logits": [[1, 2], [1]]}})", "2 logits for image 0 and 1 for image 1"},
      {start + R"("logits": [[1, "2"]]}})", "image 0 that is no finite float32 number (class 1)"},
      {start + R"("logits": [[1, 2], [1e39, 2]]}})", "image 1 that is no finite float32 number (class 0)"},
      {start + R"("logits": [[1, NaN]]}})", "NaN"},
      {start + R"("logits": [[1, 2]]}, "classes": ["a", "b", "c"]})", "2 logits an image and classes has 3 names"},
      {start + R"("logits": [[1, 2]]}, "input_size": [3, 64, 64]})", "another size than input_size"}};
  for (const auto& [text, says] : slips) {
    const std::string message = error_of([&] { read(text); });
    EXPECT_NE(message.find("x.pth.json'"), std::string::npos) << text << ": " << message;
    EXPECT_NE(message.find(says), std::string::npos) << text << ": " << message;
  }
}

TEST(SequentialLayers, EveryKindIsReadFromJson) {
  const auto layers = parse_layers_json(R"([
    {"conv": {"out": 8, "kernel": 3, "stride": 2, "padding": 1, "bias": false, "groups": 2, "name": "features.0"}},
    "batch_norm", {"batch_norm": {"epsilon": 0.001}}, {"relu": {"name": "act"}}, {"max_pool": 2},
    {"max_pool": {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": true}}, {"average_pool": {"kernel": 4}},
    "global_average_pool", "flatten", {"dropout": 0.5}, {"linear": {"out": 7, "bias": false}}, {"linear": "classes"}])",
                                        "x");
  EXPECT_EQ(layers_text(layers),
            "conv8k3s2p1g2b0@features.0-batch_norm-batch_norm0.001-relu@act-max_pool2-max_pool3s2p1c1-average_pool4-"
            "global_average_pool-flatten-dropout-linear7b0-linear");
  EXPECT_EQ(layers[4].stride, 2);
  EXPECT_EQ(layers[11].out, 0);
}

TEST(SequentialLayers, SlipsNameTheLayer) {
  const std::pair<const char*, const char*> slips[] = {
      {R"([])", "one to"},
      {R"({"linear": 1})", "is a list"},
      {R"(["relu", "rellu"])", "layer 1"},
      {R"(["rellu"])", "did you mean"},
      {R"([{"conv": 16}])", "needs its kernel"},
      {R"([{"conv": {"out": 16, "kernal": 3}}])", "kernel"},
      {R"([{"conv": {"out": 16, "kernel": "3"}}])", "whole number"},
      {R"([{"conv": {"out": 0, "kernel": 3}}])", "between 1 and"},
      {R"([{"conv": {"out": 16, "kernel": 3, "bias": 1}}])", "wrong type"},
      {R"([{"batch_norm": {"epsilon": 2}}])", "between 0 and 1"},
      {R"([{"relu": 3}])", "takes an object"},
      {R"([{"relu": {}, "linear": 3}])", "a layer is a word"},
      {R"([{"relu": {"name": "a b"}}])", "letters"},
      {R"(["max_pool"])", "needs its kernel"},
      {R"([{"max_pool": {"kernel": 3, "dilation": 2}}])", "dilation"}};
  for (const auto& [text, says] : slips) {
    const std::string message = error_of([&] { parse_layers_json(text, "x.pth.json"); });
    EXPECT_NE(message.find("x.pth.json"), std::string::npos) << text << ": " << message;
    EXPECT_NE(message.find(says), std::string::npos) << text << ": " << message;
  }
  for (const char* text : {"", "relu-", "-relu", "conv", "conv16", "conv16k", "conv16k3x2", "linear10b1", "relu3",
                           "max_pool2c0", "relu@", "conv16k99999999999999999999", "conv16k3.5", "batch_norm7"})
    EXPECT_NE(error_of([&] { parse_layers_text(text); }), "") << text;
}

SequentialLayer any_layer() {
  const auto number = [](int minimum, int end) { return *rc::gen::inRange<std::int64_t>(minimum, end); };
  SequentialLayer layer;
  layer.kind = *rc::gen::element<std::string>("conv", "batch_norm", "relu", "max_pool", "average_pool",
                                              "global_average_pool", "flatten", "linear", "dropout");
  const bool pool = layer.kind == "max_pool" || layer.kind == "average_pool", conv = layer.kind == "conv";
  if (conv || layer.kind == "linear") {
    layer.out = number(1, 3000);
    layer.bias = *rc::gen::arbitrary<bool>();
  }
  if (conv || pool) {
    layer.kernel = number(1, 12);
    layer.stride = number(1, 5);
    layer.padding = number(0, 5);
  }
  if (conv) layer.groups = number(1, 5);
  if (pool) layer.ceil_mode = *rc::gen::arbitrary<bool>();
  if (layer.kind == "batch_norm") layer.epsilon = *rc::gen::element(1e-5, 1e-3, 0.25, 1e-12);
  layer.name = *rc::gen::element<std::string>("", "features.0", "Conv_1", "7");
  return layer;
}

RC_GTEST_PROP(SequentialLayers, TextReadsBackToTheSameLayers, ()) {
  std::vector<SequentialLayer> layers;
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) layers.push_back(any_layer());
  const auto again = parse_layers_text(layers_text(layers));
  RC_ASSERT(again.size() == layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const SequentialLayer &a = layers[i], &b = again[i];
    RC_ASSERT(a.kind == b.kind && a.name == b.name && a.out == b.out && a.bias == b.bias);
    RC_ASSERT(a.kernel == b.kernel && a.stride == b.stride && a.padding == b.padding && a.groups == b.groups);
    RC_ASSERT(a.ceil_mode == b.ceil_mode && a.epsilon == b.epsilon);
  }
}

}  // namespace
}  // namespace cuebench
