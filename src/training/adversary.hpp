#pragma once
// The inner maximisation: images moved within a threat model so that an objective rises. Batched; all images of a batch
// share one gradient pass.

#include <cstdint>
#include <functional>
#include <string>

#include <ATen/core/Tensor.h>

#include <cuebench/core/parameters.hpp>
#include <cuebench/training/method.hpp>

namespace cuebench {

/// A scalar, summed over images (so that the size of the batch plays no part), recorded.
using Objective = std::function<at::Tensor(const at::Tensor& images)>;

/// What `norm`, `epsilon` say. @throws UsageError where epsilon is not above 0, or above 1 for linf.
ThreatModel threat_model_of(const Parameters& parameters);
/// "linf 8/255" from the same parameters.
std::string describe_threat(const ThreatModel& threat);

/// The nearest images to `moved` within epsilon of `images` and within [0, 1] (for l2: ball first, then box).
at::Tensor project(const ThreatModel& threat, const at::Tensor& moved, const at::Tensor& images);
/// The step of length 1 that raises the objective most: sign (0 stays 0), or gradient / (norm + 1e-10) per image.
at::Tensor steepest_direction(const ThreatModel& threat, const at::Tensor& gradient);
/// linf: uniform in +-epsilon; l2: a normal direction of length epsilon; then projected.
at::Tensor random_start(const ThreatModel& threat, const at::Tensor& images, std::uint64_t seed);
/// Standard normal, in the layout and on the device of `images`; made on the host, so the same everywhere.
at::Tensor normal_noise(const at::Tensor& images, std::uint64_t seed);

/// d objective / d images; weights get no gradient.
at::Tensor input_gradient(const Objective& objective, const at::Tensor& images);
/// `steps` projected steps of length `alpha` from `start`; the last iterate.
at::Tensor maximise(const ThreatModel& threat, double alpha, int steps, at::Tensor start, const at::Tensor& images,
                    const Objective& objective);

/// The step length that lets `steps` steps cross the ball with some to spare: 2.5 epsilon / steps.
double usual_alpha(const ThreatModel& threat, int steps);
/// The network as the adversary sees it: a snapshot in eval mode (running statistics), or itself in train mode without
/// moving its running statistics. For the time of the step.
FrozenNetwork attacked_network(TrainingStep& step, bool running_statistics);

/// Cross entropy summed over images, without smoothing.
at::Tensor summed_cross_entropy(const at::Tensor& logits, const at::Tensor& labels);

/// Cross entropy of a network with M probes: (CE(z) + beta / M * sum_m CE(z_m)) * 3 / (beta + 1), the joint loss of
/// CIFS; CE(z) where there are none. Of the images' sum without smoothing (what an adversary raises), or of their mean.
at::Tensor summed_joint_loss(const NetworkOutputs& outputs, const at::Tensor& labels, double probe_weight);
at::Tensor mean_joint_loss(const NetworkOutputs& outputs, const TrainingStep& step);
/// Cross entropy averaged over images: (1 - s) * -log p_y + s / K * sum_k -log p_k.
at::Tensor mean_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing);

}  // namespace cuebench
