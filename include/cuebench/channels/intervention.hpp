#pragma once
// Interventions on a tapped layer at test time: channels are multiplied by 0 or another factor, and the rest of the
// network decides anew. What is left of the accuracy says what the channels do, where averages only suggest it.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

enum class InterventionAction {
  suppress_opposed,  ///< negatively relevant (NR) channels times `setting`
  keep_relevant,     ///< all but the `setting` most relevant ones to 0
  keep_random,       ///< all but `setting` channels chosen at random to 0
  zero_relevant,     ///< the `setting` most relevant ones to 0
  zero_opposed,      ///< the `setting` least relevant (most negative) ones to 0
  zero_random,       ///< `setting` channels chosen at random to 0
  zero_listed,       ///< the listed channels to 0; `setting` is their number
};
std::string_view to_string(InterventionAction action);

/// Whose relevances order the channels of an image; those of two classes are added.
enum class RelevantClasses {
  top2,       ///< of the two largest logits of the unmodified network: what CIFS takes when it does not know the label
  predicted,  ///< of the largest one; with a linear head, less of what speaks against it leaves the decision as it is
  label,      ///< of the label, which no classifier knows
};
std::string_view to_string(RelevantClasses of);

/// One thing that is done to a layer of one model.
struct ChannelIntervention {
  InterventionAction action = InterventionAction::keep_relevant;
  double setting = 0;  ///< a number of channels, or the factor of suppress_opposed
  int draw = -1;       ///< of the actions at random; -1 for the others
  std::vector<int> listed;
};

/// What `--intervene [MODEL:]LAYER[:key=value,...]` asks for.
struct InterventionRequest {
  std::string model;  ///< "": every model
  std::string layer;
  RelevantClasses of = RelevantClasses::top2;
  std::vector<InterventionAction> actions;
  std::vector<int> counts;      ///< of channels; empty: powers of two below the layer's channels, and 0
  std::vector<double> factors;  ///< of suppress_opposed
  std::vector<int> listed;      ///< of zero_listed
  int draws = 20;               ///< of the actions at random
};

/// @throws UsageError for wrong grammar, unknown actions, lists that are no numbers.
InterventionRequest parse_intervention(std::string_view text, const std::vector<std::string>& models);

/// Every intervention of a request on a layer of so many channels. @throws UsageError for counts and channels that the
/// layer does not have.
std::vector<ChannelIntervention> expand(const InterventionRequest& request, int channels);

/// How the channels stand for one class.
struct ChannelOrder {
  std::vector<int> rank;           ///< place by descending relevance, 0 first, the lower index first among equal ones
  std::vector<signed char> signs;  ///< +1 PR, -1 NR, 0 neutral
};
ChannelOrder order_channels(std::span<const double> relevance, double relevance_threshold);

/// The order of a draw: a permutation of the channels, the same for all images, variants and models with that layer.
std::vector<int> random_ranks(std::uint64_t seed, std::string_view layer, int draw, int channels);

/// Factors of all channels. `random` are the ranks of the intervention's draw (unused by the others).
void fill_factors(const ChannelIntervention& intervention, const ChannelOrder& order, std::span<const int> random,
                  std::span<float> factors);

/// Logits after an intervention where the layer feeds global average pooling and a linear head (closed form):
/// z' = z + sum_c (factor[c] - 1) * W[:, c] * a[c], in double. `weights` is [classes, C].
std::vector<float> intervened_logits(std::span<const float> logits, std::span<const double> activation,
                                     std::span<const double> weights, std::span<const float> factors);

}  // namespace cuebench
