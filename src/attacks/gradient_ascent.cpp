#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "gradient_ascent.hpp"

#include <algorithm>
#include <limits>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>
#include <c10/core/InferenceMode.h>

#include "input_gradient.hpp"
#include "labelled_images.hpp"
#include "random_start.hpp"

namespace cuebench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

at::Tensor over_images(const at::Tensor& per_image) {
  return per_image.view({-1, 1, 1, 1});
}

/// For each image the point of highest score so far, the earliest of equal ones.
struct HighestPoints {
  at::Tensor points, score;

  void offer(const at::Tensor& other, const at::Tensor& other_score) {
    if (!points.defined()) {
      points = other;
      score = other_score;
      return;
    }
    const at::Tensor higher = other_score.gt(score);
    points = at::where(over_images(higher), other, points);
    score = at::where(higher, other_score, score);
  }
};

class Ascent {
 public:
  Ascent(const AscentOptions& options, const AttackTarget& target)
      : options_(options), target_(target), ball_(options.norm, options.epsilon, target.images) {
    labels_ = at::empty({static_cast<std::int64_t>(target.labels.size())}, at::kLong);
    std::copy(target.labels.begin(), target.labels.end(), labels_.data_ptr<std::int64_t>());
    labels_ = labels_.to(target.images.device());
  }

  at::Tensor run() const {
    if (options_.restarts == 1) return climb(start(0));
    HighestPoints highest;
    for (int restart = 0; restart < options_.restarts; ++restart) {
      const at::Tensor points = climb(start(restart));
      highest.offer(points, score(points));
      if (highest.score.eq(kInfinity).all().item<bool>()) break;  // nothing is left to fool
    }
    return highest.points;
  }

 private:
  at::Tensor start(int restart) const {
    if (options_.random_start) return random_start(target_, options_.norm, options_.epsilon, restart);
    return target_.images.is_inference() ? target_.images.clone() : target_.images;
  }

  at::Tensor climb(at::Tensor points) const {
    HighestPoints highest;
    for (int step = 0; step < options_.steps; ++step) {
      const InputGradient here = gradient_at(points);
      at::Tensor next = ball_.step(points, here.gradient, options_.step_size);
      if (options_.keep == Keep::best_loss) highest.offer(points, here.loss);
      if (options_.keep == Keep::first_success) {
        const at::Tensor fooled = rival_margin(here.logits, labels_).ge(0);
        if (fooled.all().item<bool>()) return points;
        next = at::where(over_images(fooled), points, next);
      }
      points = next;
    }
    if (options_.keep != Keep::best_loss) return points;
    highest.offer(points, loss_at(points));
    return highest.points;
  }

  bool jointly() const { return target_.joint > 0 && target_.outputs; }

  InputGradient gradient_at(const at::Tensor& points) const {
    if (!jointly()) return input_gradient(target_.logits, points, labels_, options_.loss);
    return joint_input_gradient(target_.outputs, points, labels_, options_.loss, target_.joint);
  }

  at::Tensor loss_at(const at::Tensor& points) const {
    if (!jointly()) return attack_loss(options_.loss, plain_logits(target_.logits, points), labels_).loss;
    return joint_loss(target_.outputs, points, labels_, options_.loss, target_.joint);
  }

  /// What restarts are compared by.
  at::Tensor score(const at::Tensor& points) const {
    const at::Tensor loss = loss_at(points);
    if (options_.keep != Keep::first_success) return loss;
    return loss.masked_fill(rival_margin(plain_logits(target_.logits, points), labels_).ge(0), kInfinity);
  }

  AscentOptions options_;
  const AttackTarget& target_;
  PerturbationBall ball_;
  at::Tensor labels_;
};

}  // namespace

at::Tensor gradient_ascent(const AscentOptions& options, const AttackTarget& target) {
  // Tensors made in inference mode could not take part in a backward pass.
  const c10::InferenceMode normal_mode(false);
  const at::AutoGradMode recording(false);
  return attack_labelled_images(target,
                                [&options](const AttackTarget& labelled) { return Ascent(options, labelled).run(); });
}

}  // namespace cuebench
