// Real weights on real images: the standard network falls, its robust twin stands where its figures say.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <optional>

#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/models/model.hpp>

#include "test_data.hpp"

namespace cuebench::test {
namespace {

constexpr std::int64_t kBatch = 25;

/// The images that index.json states figures for begin with these.
AttackTarget first_images(const Dataset& dataset, std::int64_t first, std::int64_t count) {
  constexpr std::int64_t kPlane = 32 * 32;
  AttackTarget target;
  target.images = at::empty({count, 3, 32, 32}, at::kFloat);
  float* out = target.images.data_ptr<float>();
  for (std::int64_t i = first; i < first + count; ++i, out += 3 * kPlane) {
    const Image image = dataset.load_image(static_cast<std::size_t>(i));
    for (std::int64_t p = 0; p < kPlane; ++p)
      for (std::int64_t c = 0; c < 3; ++c)
        out[c * kPlane + p] = static_cast<float>(image.pixels[static_cast<std::size_t>(3 * p + c)]) / 255.0F;
    target.labels.push_back(dataset.items[static_cast<std::size_t>(i)].label);
    target.item_ids.push_back(dataset.items[static_cast<std::size_t>(i)].id);
  }
  return target;
}

Model load(const std::filesystem::path& file) {
  ModelSpec spec;
  spec.name = "published";
  spec.file = file;
  return Model::load(spec, {}, {3, 32, 32});
}

/// Share of the first `count` images that `scored` has right when they are made to fool `attacked`.
double accuracy_under(const Model& attacked, const Model& scored, const Dataset& dataset, std::int64_t count,
                      std::string_view text) {
  const ResolvedAttack attack = resolve_attack(text);
  std::int64_t right = 0;
  for (std::int64_t first = 0; first < count; first += kBatch) {
    AttackTarget target = first_images(dataset, first, std::min(kBatch, count - first));
    target.logits = [&](const at::Tensor& images) { return attacked.differentiable_logits(images); };
    target.variant = attack.text;
    const Inference inference = scored.infer(attack.apply(target));
    for (std::size_t i = 0; i < target.labels.size(); ++i) {
      const float* const row = inference.logits.data() + 10 * i;
      right += std::max_element(row, row + 10) - row == target.labels[i];
    }
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

class PublishedPair : public testing::Test {
 protected:
  void SetUp() override {
    CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
    CUEBENCH_REQUIRE_SHARED(images, "data/cifar10/test_batch_first1017.bin.xz");
    dataset_ = open_dataset("cifar10:" + images.string());
    standard_.emplace(load(checkpoints / "original/CIFAR10-resnet20.pth"));
    robust_.emplace(load(checkpoints / "original/CIFAR10-resnet20-adv.pth"));
  }
  double accuracy(const Model& model, std::int64_t count, std::string_view text) const {
    return accuracy_under(model, model, dataset_, count, text);
  }
  Dataset dataset_;
  std::optional<Model> standard_, robust_;
};

TEST_F(PublishedPair, StandardFallsToNothingAndTheRobustTwinKeepsItsStatedAccuracy) {
  EXPECT_EQ(accuracy(*standard_, 100, "pgd:epsilon=8/255,steps=20,keep=first_success"), 0.0);
  // index.json: 0.75 over the first 500 images (20 steps of epsilon / 4, another random start); 100 of them: standard
  // error 0.04, and the start decides about one image in fifty.
  EXPECT_NEAR(accuracy(*robust_, 100, "pgd:epsilon=2/255,alpha=0.5/255,steps=20"), 0.75, 0.10);
  EXPECT_NEAR(accuracy(*robust_, 100, "pgd:epsilon=8/255,alpha=2/255,steps=20,keep=first_success"), 0.194, 0.10);
}

TEST_F(PublishedPair, ShowsNoSignOfHiddenGradients) {
  // The checks of Carlini et al. 2019: unbounded attacks always win, iterating beats one step, knowing beats guessing.
  EXPECT_EQ(accuracy(*robust_, 50, "pgd:epsilon=1,steps=20,keep=first_success"), 0.0);
  const double iterated = accuracy(*robust_, 50, "pgd:epsilon=4/255,steps=10,keep=first_success");
  EXPECT_LE(iterated, accuracy(*robust_, 50, "fgsm:epsilon=4/255"));
  EXPECT_LT(iterated, accuracy_under(*standard_, *robust_, dataset_, 50, "pgd:epsilon=4/255,steps=10"));
}

/// Small enough to be attacked on many images.
class PublishedCnn : public testing::Test {
 protected:
  void SetUp() override {
    CUEBENCH_REQUIRE_SHARED(checkpoints, "data/checkpoints");
    CUEBENCH_REQUIRE_SHARED(images, "data/cifar10/test_batch_first1017.bin.xz");
    dataset_ = open_dataset("cifar10:" + images.string());
    ModelSpec spec;
    spec.name = "published";
    spec.file = checkpoints / "original/abc-cifar_cnn_a_adv.model";
    spec.sidecar.arch = "sequential:layers=conv16k4s2p1-relu-conv32k4s2p1-relu-flatten-linear100-relu-linear10";
    spec.sidecar.mean = {0.485, 0.456, 0.406};
    spec.sidecar.std = {0.225, 0.225, 0.225};
    model_.emplace(Model::load(spec, {}, {3, 32, 32}));
  }
  double accuracy(std::int64_t count, const std::string& text) const {
    return accuracy_under(*model_, *model_, dataset_, count, text);
  }
  Dataset dataset_;
  std::optional<Model> model_;
};

/// index.json: 20 steps of epsilon / 4 from a random start, over the same 846 images.
TEST_F(PublishedCnn, KeepsItsStatedAccuracyUnderPgdToTwoPoints) {
  EXPECT_NEAR(accuracy(846, "pgd:epsilon=2/255,alpha=0.5/255,steps=20"), 0.5165, 0.02);
  EXPECT_NEAR(accuracy(846, "pgd:epsilon=8/255,alpha=2/255,steps=20"), 0.1312, 0.02);
}

TEST_F(PublishedCnn, AutoPgdLeavesNoMoreThanPgdAndAutoAttackNoMoreThanAutoPgd) {
  for (const std::string ball : {"epsilon=2/255", "epsilon=8/255", "norm=l2,epsilon=0.25"}) {
    const double apgd = accuracy(50, "apgd:steps=30," + ball);
    EXPECT_LE(apgd, accuracy(50, "pgd:steps=30,keep=first_success," + ball)) << ball;
    EXPECT_LE(accuracy(50, "autoattack:steps=30,n_targets=3,queries=20," + ball), apgd) << ball;
  }
}

}  // namespace
}  // namespace cuebench::test
