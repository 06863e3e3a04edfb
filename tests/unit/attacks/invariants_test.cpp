// What holds for every attack, network and image.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "../../../src/attacks/attack_loss.hpp"
#include "../../../src/attacks/perturbation_ball.hpp"
#include "../../../src/attacks/random_start.hpp"
#include "classifiers.hpp"

namespace cuebench::test {
namespace {

constexpr std::int64_t kImages = 5;

struct Case {
  std::string text;
  bool l2 = false;
  double epsilon = 0;
  std::uint64_t seed = 0;
  std::vector<std::int64_t> labels;
};

constexpr std::size_t kClasses = 5;

/// apgd, fab, square or autoattack, small enough to run often.
std::string any_automatic_attack(const std::string& ball) {
  const std::string steps = fmt::format("{},steps={}", ball, *rc::gen::inRange(1, 8));
  const std::string targets = fmt::format("n_targets={}", *rc::gen::inRange<std::size_t>(1, kClasses));
  const std::string restarts = fmt::format("restarts={}", *rc::gen::inRange(1, 3));
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return fmt::format("apgd:{},loss={},{},{}", steps, *rc::gen::element<std::string>("ce", "dlr", "dlr_targeted"),
                         targets, restarts);
    case 1:
      return fmt::format("fab:{},{},{}", steps, targets, restarts);
    case 2:
      return fmt::format("square:{},queries={},{}", ball, *rc::gen::inRange(1, 30), restarts);
    default:
      return fmt::format("autoattack:{},{},queries=10", steps, targets);
  }
}

Case any_case() {
  Case drawn;
  drawn.seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  drawn.labels = *rc::gen::container<std::vector<std::int64_t>>(kImages, rc::gen::inRange<std::int64_t>(0, kClasses));
  const int size = *rc::gen::inRange(0, 40);
  const bool start = *rc::gen::arbitrary<bool>();
  if (*rc::gen::inRange(0, 4) == 0) {
    drawn.epsilon = size / 255.0;
    drawn.text = fmt::format("fgsm:epsilon={}/255,random_start={}", size, start ? "yes" : "no");
    return drawn;
  }
  drawn.l2 = *rc::gen::arbitrary<bool>();
  drawn.epsilon = drawn.l2 ? size / 10.0 : size / 255.0;
  if (*rc::gen::arbitrary<bool>()) {
    const std::string epsilon = drawn.l2 ? fmt::format("{}", drawn.epsilon) : fmt::format("{}/255", size);
    drawn.text = any_automatic_attack(fmt::format("norm={},epsilon={}", drawn.l2 ? "l2" : "linf", epsilon));
    return drawn;
  }
  drawn.text = fmt::format(
      "pgd:norm={},epsilon={},steps={},alpha={},random_start={},restarts={},keep={},loss={}", drawn.l2 ? "l2" : "linf",
      drawn.l2 ? fmt::format("{}", drawn.epsilon) : fmt::format("{}/255", size), *rc::gen::inRange(1, 5),
      *rc::gen::element<std::string>("auto", "0.01", "0.3"), start ? "yes" : "no", start ? *rc::gen::inRange(1, 3) : 1,
      *rc::gen::element<std::string>("last", "best_loss", "first_success"),
      *rc::gen::element<std::string>("ce", "margin"));
  return drawn;
}

AttackTarget target_of(const Case& drawn, at::ScalarType type) {
  return make_target(make_classifier("net_gap", random_weights(drawn.seed, kClasses), type),
                     random_images(drawn.seed, kImages, type), drawn.labels);
}

RC_GTEST_PROP(AttackInvariants, ImagesStayInBallAndBox, ()) {
  const Case drawn = any_case();
  const AttackTarget target = target_of(drawn, at::kFloat);
  const at::Tensor images = resolve_attack(drawn.text).apply(target);
  RC_ASSERT(images.sizes() == target.images.sizes());
  RC_ASSERT(images.scalar_type() == at::kFloat);
  RC_ASSERT(!images.requires_grad());
  RC_ASSERT(images.ge(0).logical_and(images.le(1)).all().item<bool>());
  const at::Tensor moved = images.to(at::kDouble).sub(target.images.to(at::kDouble));
  const at::Tensor distance = drawn.l2 ? image_norms(moved) : moved.abs();
  RC_ASSERT(distance.max().item<double>() <= drawn.epsilon + 1e-6);
}

RC_GTEST_PROP(AttackInvariants, AnImageDoesNotDependOnItsBatch, ()) {
  const Case drawn = any_case();
  const AttackTarget target = target_of(drawn, at::kDouble);
  const at::Tensor together = resolve_attack(drawn.text).apply(target);
  for (std::int64_t i = 0; i < kImages; ++i) {
    const auto n = static_cast<std::size_t>(i);
    AttackTarget alone = target;
    alone.images = target.images.narrow(0, i, 1).clone();
    alone.labels = {target.labels[n]};
    alone.item_ids = {target.item_ids[n]};
    // Sums of another batch may be rounded otherwise in the last place.
    RC_ASSERT(resolve_attack(drawn.text).apply(alone)[0].sub(together[i]).abs().max().item<double>() < 1e-9);
  }
}

RC_GTEST_PROP(AttackInvariants, ImagesWithoutLabelStayAndChangeNothingForTheOthers, ()) {
  const Case drawn = any_case();
  AttackTarget target = target_of(drawn, at::kDouble);
  const at::Tensor all = resolve_attack(drawn.text).apply(target);
  target.labels[1] = target.labels[3] = -1;
  const at::Tensor some = resolve_attack(drawn.text).apply(target);
  for (const int i : {1, 3}) RC_ASSERT(some[i].equal(target.images[i]));
  for (const int i : {0, 2, 4}) RC_ASSERT(some[i].sub(all[i]).abs().max().item<double>() < 1e-9);
  std::fill(target.labels.begin(), target.labels.end(), -1);
  RC_ASSERT(resolve_attack(drawn.text).apply(target).equal(target.images));
}

/// Of every image: largest other logit minus the label's.
std::vector<double> margins(const AttackTarget& target, const at::Tensor& images) {
  const at::Tensor labels = tensor_of({target.labels.begin(), target.labels.end()}, {kImages}, at::kLong);
  return values_of(rival_margin(logits_without_gradient(target.logits, images), labels));
}

RC_GTEST_PROP(AttackInvariants, AutomaticAttacksLeaveMistakesAloneAndNeverRaiseTheLabelsLead, ()) {
  Case drawn = any_case();
  drawn.text = any_automatic_attack("norm=linf,epsilon=24/255");
  const AttackTarget target = target_of(drawn, at::kDouble);
  const at::Tensor images = resolve_attack(drawn.text).apply(target);
  const auto before = margins(target, target.images), after = margins(target, images);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    RC_ASSERT(after[i] >= before[i] - 1e-12);
    if (before[i] >= 0) RC_ASSERT(images[row].equal(target.images[row]));
  }
}

RC_GTEST_PROP(AttackInvariants, AutoAttackFoolsWhateverOneOfItsPartsFools, ()) {
  const bool l2 = *rc::gen::arbitrary<bool>();
  const std::string ball = l2 ? "norm=l2,epsilon=0.6" : "norm=linf,epsilon=12/255";
  AttackTarget target = target_of(any_case(), at::kDouble);
  const at::Tensor predicted = logits_without_gradient(target.logits, target.images).argmax(1);
  for (std::int64_t i = 0; i < kImages; ++i)
    target.labels[static_cast<std::size_t>(i)] = predicted[i].item<std::int64_t>();
  const auto fooled_by = [&](const std::string& text) {
    const ResolvedAttack attack = resolve_attack(text);
    AttackTarget named = target;
    named.variant = attack.text;
    return margins(target, attack.apply(named));
  };
  const auto all = fooled_by("autoattack:" + ball + ",steps=6,n_targets=3,queries=20");
  for (const std::string& part :
       {"apgd:" + ball + ",steps=6", "apgd:" + ball + ",steps=6,loss=dlr_targeted,n_targets=3",
        "fab:" + ball + ",steps=6,n_targets=3", "square:" + ball + ",queries=20"}) {
    const auto one = fooled_by(part);
    for (std::size_t i = 0; i < all.size(); ++i) RC_ASSERT(one[i] < 0 || all[i] >= 0);
  }
}

RC_GTEST_PROP(AttackInvariants, TheGivenImagesAreNotTouched, ()) {
  const Case drawn = any_case();
  const AttackTarget target = target_of(drawn, at::kFloat);
  const at::Tensor before = target.images.clone();
  resolve_attack(drawn.text).apply(target);
  RC_ASSERT(target.images.equal(before));
  RC_ASSERT(!target.images.requires_grad());
}

RC_GTEST_PROP(AttackInvariants, BestLossIsNeverBelowTheStartNorBelowLast, ()) {
  const Case drawn = any_case();
  const AttackTarget target = target_of(drawn, at::kDouble);
  const bool random = *rc::gen::arbitrary<bool>();
  const std::string common =
      fmt::format("pgd:epsilon=16/255,steps=4,alpha=12/255,random_start={},keep=", random ? "yes" : "no");
  const at::Tensor start = random ? random_start(target, Norm::linf, 16.0 / 255, 0) : target.images;
  const auto at_start = cross_entropies(target, start);
  const auto last = cross_entropies(target, resolve_attack(common + "last").apply(target));
  const auto best = cross_entropies(target, resolve_attack(common + "best_loss").apply(target));
  for (std::size_t i = 0; i < best.size(); ++i) {
    RC_ASSERT(best[i] >= at_start[i] - 1e-12);
    RC_ASSERT(best[i] >= last[i] - 1e-12);
  }
}

RC_GTEST_PROP(AttackInvariants, MoreRestartsNeverLowerTheLossOfTheKeptPoint, ()) {
  const AttackTarget target = target_of(any_case(), at::kDouble);
  const std::string common = "pgd:epsilon=16/255,steps=2,random_start=yes,restarts=";
  const auto one = cross_entropies(target, resolve_attack(common + "1").apply(target));
  const auto three = cross_entropies(target, resolve_attack(common + "3").apply(target));
  for (std::size_t i = 0; i < one.size(); ++i) RC_ASSERT(three[i] >= one[i] - 1e-12);
}

RC_GTEST_PROP(AttackInvariants, FirstSuccessLeavesMistakesAloneAndFoolsWheneverAPointOnTheWayDoes, ()) {
  const AttackTarget target = target_of(any_case(), at::kDouble);
  const auto right = [&](const at::Tensor& images) { return logits_without_gradient(target.logits, images).argmax(1); };
  const std::string common = "pgd:epsilon=24/255,alpha=8/255,random_start=no,";
  const at::Tensor kept = resolve_attack(common + "steps=4,keep=first_success").apply(target);
  const at::Tensor clean = right(target.images), after = right(kept);
  for (std::int64_t i = 0; i < kImages; ++i) {
    const std::int64_t label = target.labels[static_cast<std::size_t>(i)];
    if (clean[i].item<std::int64_t>() != label) RC_ASSERT(kept[i].equal(target.images[i]));
    bool fooled = false;
    for (int steps = 1; steps <= 4; ++steps)
      fooled =
          fooled ||
          right(resolve_attack(common + fmt::format("steps={}", steps)).apply(target))[i].item<std::int64_t>() != label;
    if (fooled) RC_ASSERT(after[i].item<std::int64_t>() != label);
  }
}

RC_GTEST_PROP(AttackInvariants, AlphaOfItselfMakesAPathOfTwoAndAHalfEpsilon, ()) {
  const AttackTarget target = target_of(any_case(), at::kDouble);
  const auto equal = [&](const std::string& common, const char* alpha) {
    const at::Tensor of_itself = resolve_attack(common).apply(target);
    return of_itself.equal(resolve_attack(common + ",alpha=" + alpha).apply(target));
  };
  RC_ASSERT(equal("pgd:steps=5,epsilon=8/255", "4/255"));
  RC_ASSERT(equal("pgd:steps=5,norm=l2,epsilon=0.5", "0.25"));
}

RC_GTEST_PROP(AttackInvariants, FgsmIsOneFullStepOfPgd, ()) {
  const AttackTarget target = target_of(any_case(), at::kFloat);
  const auto both_equal = [&](const char* fgsm, const char* pgd) {
    return resolve_attack(fgsm).apply(target).equal(resolve_attack(pgd).apply(target));
  };
  RC_ASSERT(both_equal("fgsm:epsilon=8/255", "pgd:epsilon=8/255,alpha=8/255,steps=1,random_start=no"));
  RC_ASSERT(both_equal("fgsm:epsilon=8/255,random_start=yes", "pgd:epsilon=8/255,alpha=10/255,steps=1"));
}

TEST(RandomStart, DependsOnSeedItemVariantAndRestartAndNotOnTheBatch) {
  AttackTarget target = make_target({}, random_images(1, 4, at::kFloat), {0, 1, 2, 0});
  const at::Tensor start = random_start(target, Norm::linf, 0.1, 0);
  EXPECT_TRUE(random_start(target, Norm::linf, 0.1, 0).equal(start));
  EXPECT_FALSE(random_start(target, Norm::linf, 0.1, 1)[0].equal(start[0]));
  AttackTarget turned = target;
  turned.images = target.images.flip(0);
  std::reverse(turned.item_ids.begin(), turned.item_ids.end());
  EXPECT_TRUE(random_start(turned, Norm::linf, 0.1, 0).flip(0).equal(start));
  turned = target;
  turned.seed = 6;
  EXPECT_FALSE(random_start(turned, Norm::linf, 0.1, 0)[0].equal(start[0]));
  turned = target;
  turned.variant = "another variant";
  EXPECT_FALSE(random_start(turned, Norm::linf, 0.1, 0)[0].equal(start[0]));
}

TEST(RandomStart, IsUniformInTheCubeAndOnTheSphere) {
  // Mid-grey images: the box cuts nothing.
  const at::Tensor grey = random_images(1, 16, at::kDouble).mul(0).add(0.5);
  const AttackTarget target = make_target({}, grey, std::vector<std::int64_t>(16, 0));
  const at::Tensor cube = random_start(target, Norm::linf, 0.1, 0).sub(grey);
  const double n = static_cast<double>(cube.numel());
  EXPECT_LE(cube.abs().max().item<double>(), 0.1 + 1e-12);
  EXPECT_GT(cube.abs().max().item<double>(), 0.099);
  // Five standard errors; a uniform variable on [-e, e] has variance e^2 / 3, its square variance 4 e^4 / 45.
  EXPECT_NEAR(cube.mean().item<double>(), 0, 5 * 0.1 / std::sqrt(3 * n));
  EXPECT_NEAR(cube.mul(cube).mean().item<double>(), 0.01 / 3, 5 * 0.01 * std::sqrt(4 / (45 * n)));
  const at::Tensor sphere = random_start(target, Norm::l2, 0.7, 0).sub(grey);
  for (const double length : values_of(image_norms(sphere))) EXPECT_NEAR(length, 0.7, 1e-12);
  EXPECT_NEAR(sphere.mean().item<double>(), 0, 5 * 0.7 / std::sqrt(108.0 * n));
}

TEST(AttackableModels, AreThoseWhoseLogitsFollowTheImages) {
  const DifferentiableClassifier logits = make_classifier("net_gap", random_weights(1), at::kFloat);
  const at::Tensor images = random_images(1, 2, at::kFloat);
  EXPECT_EQ(why_not_attackable(logits, images), "");
  EXPECT_NE(why_not_attackable([&](const at::Tensor& x) { return logits(x.detach()); }, images), "");
  EXPECT_NE(why_not_attackable([&](const at::Tensor& x) { return logits(x).detach(); }, images), "");
}

}  // namespace
}  // namespace cuebench::test
