// Real weights: logits that PyTorch gave for them, copies in other formats, accuracy on real images.

#include <algorithm>

#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/models/model.hpp>

#include "npy.hpp"
#include "tensors.hpp"
#include "test_data.hpp"

namespace cuebench::test {
namespace {

struct Published {
  const char* file;
  const char* logits;  ///< reference file, "" where there is none
  double accuracy;     ///< on the first 846 images of the CIFAR-10 test batch, as index.json states; 0: not stated
  std::vector<double> mean, std;
};

const std::vector<double> kImageNetMean{0.485, 0.456, 0.406}, kImageNetStd{0.229, 0.224, 0.225};
const std::vector<double> kCifarMean{0.4914, 0.4822, 0.4465}, kCifarStd{0.2471, 0.2435, 0.2616};

const std::vector<Published>& published() {
  static const std::vector<Published> all{
      {"original/CIFAR10-resnet20.pth", "van_resnet20_std", 0.935, {}, {}},
      {"original/CIFAR10-resnet20-adv.pth", "van_resnet20_adv", 0.883, {}, {}},
      {"original/akamaster-resnet20-12fca82f.th", "ak_resnet20", 0.9173, kImageNetMean, kImageNetStd},
      {"original/akamaster-resnet56-4bfd9763.th", "", 0.9326, kImageNetMean, kImageNetStd},
      {"converted/omp-resnet32-head0.pth", "", 0.9338, {}, {}},
      {"converted/omp-resnet32-head0-adv.pth", "omp_resnet32_adv", 0.9078, {}, {}},
      {"original/abc-cifar_cnn_a_adv.model", "cnn_a_adv", 0.6749, kImageNetMean, {0.225, 0.225, 0.225}},
      {"original/abc-cifar_cnn_a_mix4.model", "", 0.6879, kImageNetMean, {0.225, 0.225, 0.225}},
      {"original/abc-resnet2b.pth", "", 0.6856, kCifarMean, kCifarStd},
      {"original/abc-resnet4b.pth", "resnet4b", 0.766, kCifarMean, kCifarStd},
      {"original/abc-cifar_marabou_medium.pth", "", 0.6986, {}, {}},
      {"torchscript/vanilla-resnet20-std.pt", "van_resnet20_std", 0.935, {}, {}},
      {"torchscript/vanilla-resnet20-adv.pt", "van_resnet20_adv", 0.883, {}, {}},
      {"torchscript/cnn_a_adv.pt", "cnn_a_adv", 0.6749, {}, {}},
      {"safetensors/vanilla-resnet20-std.safetensors", "van_resnet20_std", 0.935, {}, {}},
  };
  return all;
}

/// Architectures that keys and shapes do not tell.
std::string architecture_of(const std::string& file) {
  if (file.find("cnn_a") != std::string::npos)
    return "sequential:layers=conv16k4s2p1-relu-conv32k4s2p1-relu-flatten-linear100-relu-linear10";
  if (file.find("marabou_medium") != std::string::npos)
    return "sequential:layers=conv16k4s2-relu-conv32k4s2-relu-flatten-linear128-relu-linear64-relu-linear10";
  return "";
}

ModelSpec spec_of(const Published& entry, const std::filesystem::path& checkpoints) {
  ModelSpec spec;
  spec.name = "published";
  spec.file = checkpoints / entry.file;
  spec.sidecar.mean = entry.mean;
  spec.sidecar.std = entry.std;
  if (!spec.file.string().ends_with(".pt")) spec.sidecar.arch = architecture_of(entry.file);
  return spec;
}

at::Tensor first_sixteen(const std::filesystem::path& checkpoints) {
  const auto pixels = read_npy<std::uint8_t>(checkpoints / "reference/cifar10_first16_uint8_nhwc_rgb.npy");
  std::vector<float> planar(pixels.size());
  for (std::size_t i = 0; i < 16; ++i)
    for (std::size_t p = 0; p < 1024; ++p)
      for (std::size_t c = 0; c < 3; ++c)
        planar[(i * 3 + c) * 1024 + p] = static_cast<float>(pixels[(i * 1024 + p) * 3 + c]) / 255.0f;
  return tensor_of(planar, {16, 3, 32, 32});
}

TEST(PublishedCheckpoints, LogitsAgreeWithPyTorchOnEveryWay) {
  CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
  const at::Tensor images = first_sixteen(checkpoints);
  double worst = 0;
  for (const Published& entry : published()) {
    if (std::string(entry.logits).empty()) continue;
    const auto expected = read_npy<float>(checkpoints / ("reference/logits_" + std::string(entry.logits) + ".npy"));
    const ModelSpec spec = spec_of(entry, checkpoints);
    for (const ExecutionWay way : ways_for(checkpoint_format(spec.file))) {
      const Model model = Model::load(spec, {}, {3, 32, 32}, way);
      const double difference = relative_difference(model.infer(images).logits, expected);
      worst = std::max(worst, difference);
      // Folding and another order of sums; 20 to 56 layers.
      EXPECT_LE(difference, 1e-4) << entry.file << " " << model.info().way;
    }
  }
  RecordProperty("largest_relative_difference", std::to_string(worst));
  std::printf("largest relative logit difference: %.2e\n", worst);
}

TEST(PublishedCheckpoints, TorchScriptCopyAndStateDictAgreeAtEveryTapOfTheSameName) {
  CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
  const std::vector<std::string> taps{"conv_1_3x3", "bn_1", "stage_1.0", "stage_2.0.bn_b", "stage_2", "stage_3.2"};
  const at::Tensor images = first_sixteen(checkpoints);
  const Model native = Model::load(spec_of(published()[0], checkpoints), taps, {3, 32, 32});
  const Model script = Model::load(spec_of(published()[11], checkpoints), taps, {3, 32, 32});
  const auto a = native.infer_with_relevance(images, std::vector<std::int64_t>(16, 3), RelevanceKind::true_class);
  const auto b = script.infer_with_relevance(images, std::vector<std::int64_t>(16, 3), RelevanceKind::true_class);
  EXPECT_FALSE(native.closed_form_weights(5).empty());
  EXPECT_EQ(native.closed_form_weights(5), script.closed_form_weights(5));
  for (std::size_t t = 0; t < taps.size(); ++t) {
    EXPECT_LE(relative_difference(a.inference.taps[t].values, b.inference.taps[t].values), 1e-4) << taps[t];
    // A ReLU whose input is within rounding of 0 opens on one side only.
    EXPECT_LE(relative_difference(a.relevance[t].values, b.relevance[t].values), 1e-2) << taps[t];
  }
}

/// The first 846 images; the figures of index.json were taken on them.
TEST(PublishedCheckpoints, AccuracyOnLosslessCifarImagesIsTheStatedOne) {
  CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
  CUEBENCH_REQUIRE_SHARED(images_file, "data/cifar10/test_batch_first1017.bin.xz");
  const Dataset dataset = open_dataset("cifar10:" + images_file.string());
  constexpr std::int64_t count = 846, plane = 32 * 32;
  ASSERT_GE(dataset.items.size(), static_cast<std::size_t>(count));
  std::vector<float> pixels(count * 3 * plane);
  for (std::int64_t i = 0; i < count; ++i) {
    const Image image = dataset.load_image(i);
    for (std::int64_t p = 0; p < plane; ++p)
      for (std::int64_t c = 0; c < 3; ++c)
        pixels[(i * 3 + c) * plane + p] = static_cast<float>(image.pixels[p * 3 + c]) / 255.0f;
  }
  const at::Tensor images = tensor_of(pixels, {count, 3, 32, 32});
  for (const Published& entry : published()) {
    const Model model = Model::load(spec_of(entry, checkpoints), {}, {3, 32, 32});
    std::int64_t right = 0;
    for (std::int64_t begin = 0; begin < count; begin += 64) {
      const std::int64_t size = std::min<std::int64_t>(64, count - begin);
      const Inference inference = model.infer(images.narrow(0, begin, size));
      for (std::int64_t i = 0; i < size; ++i) {
        const float* const row = inference.logits.data() + i * 10;
        right += std::max_element(row, row + 10) - row == dataset.items[begin + i].label;
      }
    }
    // Stated with four decimals at most; one image is 0.0012.
    EXPECT_NEAR(static_cast<double>(right) / count, entry.accuracy, 0.0006) << entry.file;
  }
}

TEST(PublishedCheckpoints, SqueezeNetGivesTheReferenceLogitsOnImageNetCrops) {
  CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
  constexpr std::size_t count = 4, side = 224;
  const auto pixels = read_npy<std::uint8_t>(checkpoints / "reference/imagenet_4_uint8_nhwc_rgb_224.npy");
  std::vector<float> planar(pixels.size());
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t p = 0; p < side * side; ++p)
      for (std::size_t c = 0; c < 3; ++c)
        planar[(i * 3 + c) * side * side + p] = static_cast<float>(pixels[(i * side * side + p) * 3 + c]) / 255.0f;
  const auto expected = read_npy<float>(checkpoints / "reference/logits_squeezenet1_0.npy");
  for (const ExecutionWay way : native_ways()) {
    const Model model =
        Model::load(spec_of({"converted/squeezenet1_0_deepcompressed.pth", "", 0, kImageNetMean, {0.229, 0.224, 0.225}},
                            checkpoints),
                    {}, {3, side, side}, way);
    EXPECT_EQ(model.info().architecture, "squeezenet:version=1.0");
    const std::vector<float> logits = model.infer(tensor_of(planar, {count, 3, side, side})).logits;
    EXPECT_LE(relative_difference(logits, expected), 1e-4) << model.info().way;
  }
}

TEST(PublishedCheckpoints, FilesThatAreNoCheckpointAreRefusedByName) {
  CUEBENCH_REQUIRE_SHARED(bad, "data/checkpoints/bad");
  for (const char* const name : {"empty.pth", "html_error_page.pth", "git_lfs_pointer.pth", "zip_os_system.pth",
                                 "truncated_zip.pth", "zip_no_data_pkl.pth"}) {
    ModelSpec spec;
    spec.name = "bad";
    spec.file = bad / name;
    try {
      Model::load(spec, {}, {});
      ADD_FAILURE() << name << " was loaded";
    } catch (const UsageError& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace cuebench::test
