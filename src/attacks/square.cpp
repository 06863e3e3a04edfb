// Square Attack: random search with squares of falling size; asks for logits only.
#define TORCH_ASSERT_ONLY_METHOD_OPERATORS

#include <algorithm>
#include <vector>

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <cuebench/core/random.hpp>

#include "attack_loss.hpp"
#include "input_gradient.hpp"
#include "labelled_images.hpp"
#include "perturbation_size.hpp"
#include "square_search.hpp"
#include "successive_attacks.hpp"

namespace cuebench {
namespace {

struct SquareOptions {
  PerturbationSize size;
  int queries = 5000, restarts = 1;
  double initial_share = 0.8;
};

/// One search for every image of the batch. Images that are fooled rest while the others go on.
at::Tensor search(const SquareOptions& options, const AttackTarget& target, int restart) {
  const std::int64_t count = target.images.size(0), pixels = target.images.size(2) * target.images.size(3);
  const at::Tensor labels = index_tensor(target.labels, target.images.device());
  const std::string purpose =
      restart == 0 ? std::string(target.variant) : std::string(target.variant) + "#" + std::to_string(restart);
  std::vector<RandomStream> streams;
  at::Tensor best = target.images.clone();
  for (std::int64_t i = 0; i < count; ++i) {
    streams.emplace_back(target.seed, target.item_ids[static_cast<std::size_t>(i)], purpose);
    best.select(0, i).copy_(first_candidate(options.size, target.images.select(0, i), streams.back()));
  }
  const auto leads = [&](const at::Tensor& points) {
    const at::Tensor lead = rival_margin(plain_logits(target.logits, points), labels).neg().to(at::kDouble).cpu();
    return std::vector<double>(lead.data_ptr<double>(), lead.data_ptr<double>() + count);
  };
  std::vector<double> lead = leads(best);
  for (int query = 1; query < options.queries; ++query) {
    if (std::all_of(lead.begin(), lead.end(), [](double value) { return value <= 0; })) break;
    const int side = side_of_share(share_of_pixels(options.initial_share, query - 1), pixels);
    at::Tensor candidates = best.clone();
    for (std::int64_t i = 0; i < count; ++i)
      if (lead[static_cast<std::size_t>(i)] > 0)
        change_candidate(options.size, target.images.select(0, i), side, candidates.select(0, i),
                         streams[static_cast<std::size_t>(i)]);
    const std::vector<double> offered = leads(candidates);
    for (std::size_t i = 0; i < lead.size(); ++i) {
      if (lead[i] <= 0 || offered[i] >= lead[i]) continue;
      lead[i] = offered[i];
      best.select(0, static_cast<std::int64_t>(i)).copy_(candidates.select(0, static_cast<std::int64_t>(i)));
    }
  }
  return best;
}

Attack make(const Parameters& parameters) {
  SquareOptions options;
  options.size = perturbation_size("square", parameters);
  options.queries = static_cast<int>(parameters.integer("queries"));
  options.restarts = static_cast<int>(parameters.integer("restarts"));
  options.initial_share = parameters.real("p_init");
  return [options](const AttackTarget& target) {
    const c10::InferenceMode normal_mode(false);
    const at::AutoGradMode recording(false);
    return attack_labelled_images(target, [&](const AttackTarget& labelled) {
      SuccessiveAttacks attacks(labelled);
      for (int restart = 0; restart < options.restarts && !attacks.done(); ++restart)
        attacks.run([&](const AttackTarget& part) { return search(options, part, restart); });
      return attacks.images();
    });
  };
}

}  // namespace

extern const AttackInfo square_attack = {
    .name = "square",
    .summary = "Random search with coloured squares that shrink; sees logits only, no gradient.",
    .formula =
        "accept a change where z_y - max_{j != y} z_j falls; linf: start with columns of +-epsilon, then a square of "
        "+-2 epsilon per channel, clipped to ball and box; l2: the mass of one square moves to another, shaped as two "
        "opposite pyramids, then scaled to epsilon and clipped; side sqrt(p H W), p = p_init, halved after 10, 50, "
        "200, 500, 1000, 2000, 4000, 6000 and 8000 changes",
    .source = "Andriushchenko, Croce, Flammarion and Hein, ECCV 2020 (max-andr/square-attack; fra31/auto-attack)",
    .parameters = {norm_parameter(),
                   epsilon_parameter(),
                   count_parameter("queries", "5000", 10000000, "Forward passes a restart, the start included."),
                   count_parameter("restarts", "1", 1000,
                                   "Independent searches, each on the images that are still classified right."),
                   {.name = "p_init",
                    .kind = ParameterKind::real,
                    .default_value = "0.8",
                    .minimum = 0,
                    .maximum = 1,
                    .doc = "Share of the image's pixels that the first squares cover."}},
    .make = make,
    .uses_gradient = false,
};

}  // namespace cuebench
