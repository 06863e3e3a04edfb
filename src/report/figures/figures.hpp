#pragma once
// The figures of a report as gnuplot scripts. Data stand inside the script as numbers; texts from outside are quoted.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/report/summary.hpp>

namespace cuebench {

struct Figure {
  std::string name;         ///< file name without extension, and the prefix of its ids
  std::string alternative;  ///< what it shows, for readers who do not see it
  std::string script;
  int width = 720, height = 400;
};

/// Top-1 accuracy of every model under every variant, with intervals; variants grouped by the cue they keep.
Figure accuracy_figure(const RunSummary& summary);
/// Accuracy against a parameter, one figure a sweep: "sweep-1", ...
std::vector<Figure> sweep_figures(const RunSummary& summary);
/// Shape bias of every shape class, and of all; nothing on runs without cue labels.
std::vector<Figure> shape_bias_figures(const RunSummary& summary);
/// Clean beside variants, a column a model (at most kMaximumProfileModels), three figures a layer name:
/// "channels-N" (activation, channels by relevance), "channel-magnitudes-N" and "channel-frequencies-N" (activation and
/// frequency, channels by mean clean activation). N counts layers_by_name from 1.
std::vector<Figure> channel_figures(const RunSummary& summary);
inline constexpr std::size_t kMaximumProfileModels = 3;
/// PR ratio, NR ratio, NR share and alignment of every variant and model: "channel-heat-map-N".
std::vector<Figure> channel_heat_maps(const RunSummary& summary);
/// Alignment, and agreement of activation and relevance, against the class's accuracy under an attack, one point a
/// class: "channel-classes-N-1", "-2" for two attacks; nothing in runs without attacks or with too many classes.
std::vector<Figure> class_scatters(const RunSummary& summary);

/// Accuracy against the number of channels kept or set to 0: "interventions-1", ... one a layer name.
std::vector<Figure> intervention_figures(const RunSummary& summary);

std::vector<Figure> all_figures(const RunSummary& summary);

/// Layer names in the order of the run, each with the indices of the layers that have it.
std::vector<std::pair<std::string, std::vector<int>>> layers_by_name(const RunDescription& run);
/// The variants whose NR share changes most in any layer of that name, at most `maximum`, in the order of the run.
std::vector<int> most_changed_variants(const RunSummary& summary, const std::vector<int>& layers, std::size_t maximum);
/// The adversarial variants with the lowest accuracy (mean over models), at most `maximum`, in the order of the run.
std::vector<int> adversarial_variants(const RunSummary& summary, std::size_t maximum);
/// Up to maximum - 1 adversarial variants, then those of most_changed_variants; in the order of the run.
std::vector<int> variants_of_channel_figures(const RunSummary& summary, const std::vector<int>& layers,
                                             std::size_t maximum);

/// One class in a scatter: a statistic of `layer` (under `variant`, or on clean) and the accuracy under `variant`.
struct ClassPoint {
  int label = -1;
  double statistic = 0, accuracy = 0;
};
/// Classes that have both values, ascending.
std::vector<ClassPoint> class_points(const RunSummary& summary, int layer, int variant, std::string_view field,
                                     bool on_clean);

}  // namespace cuebench
