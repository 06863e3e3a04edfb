// What is taken off a checkpoint on the way to its weights, and that it is listed.

#include <gtest/gtest.h>

#include <cuebench/core/files.hpp>
#include <cuebench/networks/checkpoint.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

using Names = std::vector<std::string>;

Checkpoint own(const char* name) {
  return read_checkpoint(test::test_file("networks") / name);
}

Names names(const Checkpoint& checkpoint) {
  Names result;
  for (const auto& tensor : checkpoint.tensors) result.push_back(tensor.first);
  return result;
}

const Names kNetwork{"conv.weight", "conv.bias", "fc.weight"};

TEST(Peeling, RobustnessFilesGiveTheModelOnceAndTheirNormaliser) {
  const Checkpoint checkpoint = own("robustness_style.pth");
  EXPECT_EQ(names(checkpoint), kNetwork);
  EXPECT_EQ(checkpoint.peeled,
            (Names{"model", "module.", "attacker. (5 copies)", "normalizer.new_mean", "normalizer.new_std", "model."}));
  ASSERT_EQ(checkpoint.normaliser_mean.size(), 3U);
  EXPECT_FLOAT_EQ(checkpoint.normaliser_mean[0], 0.4914F);
  EXPECT_FLOAT_EQ(checkpoint.normaliser_std[2], 0.2010F);
  EXPECT_EQ(checkpoint.find("fc.weight")->values, (std::vector<float>{5, 5.25, 5.5, 5.75, 6, 6.25}));
  EXPECT_EQ(checkpoint.others, (Names{"epoch = 3", "rng = tensor [8]", "optimizer = dict of 2"}));
}

TEST(Peeling, AttackerWithOtherWeightsIsRefused) {
  try {
    own("attacker_differs.pth");
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_EQ(error.problem(), CheckpointProblem::ambiguous);
    EXPECT_NE(std::string(error.what()).find("attacker.model.fc.weight"), std::string::npos) << error.what();
  }
}

TEST(Peeling, PrefixThatOnlySomeNamesHaveStays) {
  const Checkpoint checkpoint = own("mixed_prefix.pth");
  EXPECT_EQ(names(checkpoint), (Names{"module.conv.weight", "module.conv.bias", "module.fc.weight", "head.weight"}));
  EXPECT_TRUE(checkpoint.peeled.empty());
}

TEST(Peeling, CompiledModelsLoseBothPrefixes) {
  const Checkpoint checkpoint = own("compiled.pth");
  EXPECT_EQ(names(checkpoint), kNetwork);
  EXPECT_EQ(checkpoint.peeled, (Names{"_orig_mod.", "module."}));
}

TEST(Peeling, NormaliserInFrontOfASequentialIsTaken) {
  const Checkpoint checkpoint = own("normaliser_in_sequential.pth");
  EXPECT_EQ(names(checkpoint), kNetwork);
  EXPECT_EQ(checkpoint.peeled, (Names{"0.mean", "0.std", "1."}));
  EXPECT_EQ(checkpoint.normaliser_mean, (std::vector<double>{0.5, 0.5, 0.5}));
  EXPECT_EQ(checkpoint.normaliser_std, (std::vector<double>{0.25, 0.25, 0.25}));
}

TEST(Peeling, ListOfOneAndItsNeighboursAreListed) {
  const Checkpoint checkpoint = own("net_in_list.pth");
  EXPECT_EQ(names(checkpoint), kNetwork);
  EXPECT_EQ(checkpoint.peeled, (Names{"net", "[0]"}));
  EXPECT_EQ(checkpoint.others, (Names{"acc = 91.5",
                                      "name = 'caf?"
                                      "?'",
                                      "done = True", "none = None", "size = tuple of 2"}));
}

TEST(Peeling, PublishedWrappersAreListed) {
  CUEBENCH_REQUIRE_SHARED(original, "data/checkpoints/original");
  const Checkpoint akamaster = read_checkpoint(original / "akamaster-resnet56-4bfd9763.th");
  EXPECT_EQ(akamaster.format, CheckpointFormat::torch_legacy);
  EXPECT_EQ(akamaster.peeled, (Names{"state_dict", "module."}));
  EXPECT_EQ(akamaster.others, Names{"best_prec1 = 93.62"});
  EXPECT_EQ(akamaster.tensors[0].first, "conv1.weight");
  const Checkpoint wide = read_checkpoint(original / "abc-cifar_wide.pth");
  EXPECT_EQ(wide.peeled, (Names{"state_dict", "[0]"}));
  EXPECT_EQ(wide.others, (Names{"err = 0.5216", "epoch = 119", "sampler_indices = list of 0"}));
  const Checkpoint bare = read_checkpoint(original / "abc-cifar_cnn_a_adv.model");
  EXPECT_EQ(bare.format, CheckpointFormat::torch_zip);
  EXPECT_TRUE(bare.peeled.empty());
  EXPECT_EQ(names(bare),
            (Names{"0.weight", "0.bias", "2.weight", "2.bias", "5.weight", "5.bias", "7.weight", "7.bias"}));
}

struct Refusal {
  const char* file;
  CheckpointProblem problem;
  const char* says;
};

TEST(Peeling, WhatHoldsNoOneSetOfWeightsIsRefusedWithWhatItHolds) {
  const Refusal refusals[] = {{"two_sets.pth", CheckpointProblem::ambiguous, "several sets of weights (a, b)"},
                              {"no_weights.pth", CheckpointProblem::not_a_checkpoint, "dict of 2: epoch, lr"},
                              {"one_tensor.pth", CheckpointProblem::not_a_checkpoint, "tensor [3]"},
                              {"too_large_for_float32.pth", CheckpointProblem::non_finite, "'w' (element 1)"},
                              {"legacy_view_past_end.pth", CheckpointProblem::storage_out_of_range, "storage view"},
                              {"legacy_big_endian.pth", CheckpointProblem::unsupported_dtype, "big-endian"},
                              {"zip_big_endian.pth", CheckpointProblem::unsupported_dtype, "big-endian"},
                              {"word_processor.zip", CheckpointProblem::not_a_checkpoint, "word/document.xml"}};
  for (const Refusal& refusal : refusals) {
    try {
      own(refusal.file);
      ADD_FAILURE() << refusal.file << " loads";
    } catch (const CheckpointError& error) {
      EXPECT_EQ(error.problem(), refusal.problem) << error.what();
      EXPECT_NE(std::string(error.what()).find(refusal.says), std::string::npos) << error.what();
    }
  }
}

TEST(Peeling, TorchScriptIsRecognisedAndLeftToLibTorch) {
  CUEBENCH_REQUIRE_SHARED(folder, "data/checkpoints/torchscript");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(checkpoint_format(entry.path()), CheckpointFormat::torchscript) << entry.path();
    try {
      read_checkpoint(entry.path());
      ADD_FAILURE() << entry.path();
    } catch (const CheckpointError& error) {
      EXPECT_EQ(error.problem(), CheckpointProblem::other_format);
      EXPECT_NE(std::string(error.what()).find("TorchScript"), std::string::npos) << error.what();
    }
  }
}

TEST(Peeling, StoragesOfTheGpuAreReadAsOthers) {
  std::vector<std::byte> bytes = read_file(test::test_file("networks/python2_pairs.pth"));
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t at = text.find("ctorch\nFloatStorage");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 6, "ctorch.cuda");
  const Checkpoint checkpoint = read_checkpoint(std::as_bytes(std::span(text)), "gpu.pth");
  EXPECT_EQ(checkpoint.find("w")->values, (std::vector<float>{1.5F, -2.5F}));
}

TEST(Peeling, FileThatIsAbsentIsNamed) {
  try {
    read_checkpoint(std::filesystem::path("/nowhere/weights.pth"));
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("weights.pth"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace cuebench
