// Targeted FAB: walks along the decision boundary towards the image, with steps that are projections.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS

#include <algorithm>
#include <limits>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include "hyperplane_projection.hpp"
#include "input_gradient.hpp"
#include "labelled_images.hpp"
#include "perturbation_size.hpp"
#include "random_start.hpp"
#include "target_classes.hpp"

namespace cuebench {
namespace {

/// Keeps 0 / 0 out of the shares of two lengths.
constexpr double kSmallestLength = 1e-8;

struct FabOptions {
  PerturbationSize size;
  int steps = 100, final_search = 3;
  double alpha_max = 0.1, eta = 1.05, beta = 0.9;
};

at::Tensor lengths(Norm norm, const at::Tensor& rows) {
  return norm == Norm::linf ? rows.abs().amax(1, /*keepdim=*/true) : rows.norm(2, {1}, /*keepdim=*/true);
}

/// The search for one target on a batch; images are rows of doubles.
class BoundaryWalk {
 public:
  BoundaryWalk(const FabOptions& options, const AttackTarget& target, const at::Tensor& targets)
      : options_(options),
        target_(target),
        labels_(index_tensor(target.labels, target.images.device())),
        targets_(targets),
        images_(target.images.to(at::kDouble).flatten(1)),
        nearest_(images_),
        distance_(at::full({images_.size(0), 1}, std::numeric_limits<double>::infinity(), images_.options())) {}

  at::Tensor run(const at::Tensor& start) {
    at::Tensor points = start.to(at::kDouble).flatten(1);
    for (int step = 0; step < options_.steps && !all_inside(); ++step) {
      points = step_from(points);
      const at::Tensor adversarial = margins(points).ge(0).unsqueeze(1);
      offer(points, adversarial);
      points = at::where(adversarial, points.sub(images_).mul_(options_.beta).add_(images_), points);
    }
    search_towards_images();
    const at::Tensor inside = distance_.le(options_.size.epsilon);
    return as_images(at::where(inside, nearest_, images_));
  }

 private:
  at::Tensor as_images(const at::Tensor& rows) const {
    return rows.view(target_.images.sizes()).to(target_.images.scalar_type());
  }

  at::Tensor margins(const at::Tensor& points) const {
    return rival_margin(plain_logits(target_.logits, as_images(points)), labels_).to(at::kDouble);
  }

  bool all_inside() const { return distance_.le(options_.size.epsilon).all().item<bool>(); }

  /// Onto the linearised boundary between label and target, from the point and from the image, and between the two.
  at::Tensor step_from(const at::Tensor& points) const {
    const InputGradient here = input_gradient(target_.logits, as_images(points), [&](const at::Tensor& logits) {
      return target_difference(logits, labels_, targets_);
    });
    const at::Tensor normals = here.gradient.to(at::kDouble).flatten(1);
    const at::Tensor offsets = normals.mul(points).sum(1).sub_(here.loss.to(at::kDouble));
    const Norm norm = options_.size.norm;
    const at::Tensor from_point = shortest_step_to_hyperplane(norm, points, normals, offsets);
    const at::Tensor from_image = shortest_step_to_hyperplane(norm, images_, normals, offsets);
    const at::Tensor way = lengths(norm, from_point).clamp_min_(kSmallestLength);
    const at::Tensor way_of_image = lengths(norm, from_image).clamp_min_(kSmallestLength);
    const at::Tensor share = way.div(way.add(way_of_image)).clamp_max_(options_.alpha_max);
    const at::Tensor beside_point = from_point.mul(options_.eta).add_(points);
    const at::Tensor beside_image = from_image.mul(options_.eta).add_(images_);
    return beside_image.sub(beside_point).mul_(share).add_(beside_point).clamp_(0, 1);
  }

  /// Keeps adversarial points that are nearer than all before; a point inside the ball is final.
  void offer(const at::Tensor& points, const at::Tensor& adversarial) {
    const at::Tensor distance = lengths(options_.size.norm, points.sub(images_));
    const at::Tensor better =
        adversarial.logical_and(distance.lt(distance_)).logical_and(distance_.gt(options_.size.epsilon));
    nearest_ = at::where(better, points, nearest_);
    distance_ = at::where(better, distance, distance_);
  }

  /// Where the margin would be 0 between image and nearest point if it were linear; each answer narrows the segment.
  void search_towards_images() {
    at::Tensor right = images_, right_margin = margins(images_), wrong_margin = margins(nearest_);
    for (int i = 0; i < options_.final_search && !all_inside(); ++i) {
      const at::Tensor share = wrong_margin.div(wrong_margin.sub(right_margin)).nan_to_num(0, 0, 0).clamp_(0, 1);
      const at::Tensor points = right.sub(nearest_).mul_(share.unsqueeze(1)).add_(nearest_);
      const at::Tensor margin = margins(points), adversarial = margin.ge(0);
      offer(points, adversarial.unsqueeze(1));
      right = at::where(adversarial.unsqueeze(1), right, points);
      right_margin = at::where(adversarial, right_margin, margin);
      wrong_margin = at::where(adversarial, margin, wrong_margin);
    }
  }

  const FabOptions& options_;
  const AttackTarget& target_;
  at::Tensor labels_, targets_;
  at::Tensor images_;              ///< [N, M]
  at::Tensor nearest_, distance_;  ///< the nearest adversarial point so far, or the image at infinity
};

at::Tensor walk(const FabOptions& options, const AttackTarget& target, const at::Tensor& targets, int attempt,
                int restarts) {
  const bool random = attempt % restarts > 0;
  const at::Tensor start =
      random ? random_boundary_start(target, options.size.norm, options.size.epsilon / 2, attempt) : target.images;
  return BoundaryWalk(options, target, targets).run(start);
}

Attack make(const Parameters& parameters) {
  FabOptions options;
  options.size = perturbation_size("fab", parameters);
  options.steps = static_cast<int>(parameters.integer("steps"));
  options.final_search = static_cast<int>(parameters.integer("final_search"));
  options.alpha_max = parameters.real("alpha_max");
  options.eta = parameters.real("eta");
  options.beta = parameters.real("beta");
  const int restarts = static_cast<int>(parameters.integer("restarts"));
  const int n_targets = static_cast<int>(parameters.integer("n_targets"));
  return [=](const AttackTarget& target) {
    const c10::InferenceMode normal_mode(false);
    const at::AutoGradMode recording(false);
    return attack_labelled_images(target, [&](const AttackTarget& labelled) {
      return attack_targets(labelled, n_targets, restarts,
                            [&](const AttackTarget& part, const at::Tensor& targets, int attempt) {
                              return walk(options, part, targets, attempt, restarts);
                            });
    });
  };
}

}  // namespace

extern const AttackInfo fab_attack = {
    .name = "fab",
    .summary = "Targeted FAB: seeks the nearest point across the boundary to each target by projections.",
    .formula =
        "z_t - z_y linearised at x; d1, d2: shortest steps from x and from the image x0 to its zero inside the box; "
        "x <- clip((1 - a)(x + eta d1) + a (x0 + eta d2)), a = min(|d1| / (|d1| + |d2|), alpha_max); where x is not "
        "classified right, x <- x0 + beta (x - x0); result: the first such x within epsilon; else the nearest one "
        "after final_search secant steps towards x0, if within epsilon; else x0",
    .source = "Croce and Hein, ICML 2020, 'Minimally distorted adversarial examples' (fra31/auto-attack, FAB-T)",
    .parameters = {norm_parameter(),
                   epsilon_parameter(),
                   count_parameter("steps", "100", 100000,
                                   "Steps a restart and target, two forward passes and a backward pass each."),
                   count_parameter(
                       "restarts", "1", 1000,
                       "Walks a target; the first begins at the image, the others at random within epsilon / 2."),
                   target_count_parameter(),
                   {.name = "alpha_max",
                    .kind = ParameterKind::real,
                    .default_value = "0.1",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Largest weight of the projection of the image itself."},
                   {.name = "eta",
                    .kind = ParameterKind::real,
                    .default_value = "1.05",
                    .minimum = 1,
                    .maximum = 10,
                    .doc = "Factor by which steps go past the linearised boundary."},
                   {.name = "beta",
                    .kind = ParameterKind::real,
                    .default_value = "0.9",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "What is left of the distance to the image after the backward step."},
                   {.name = "final_search",
                    .kind = ParameterKind::integer,
                    .default_value = "3",
                    .minimum = 0,
                    .maximum = 100,
                    .doc = "Secant steps from the nearest point towards the image at the end."}},
    .make = make,
    .refuses_classes = refuse_target_count,
};

}  // namespace cuebench
