#pragma once
// The figures of a report as gnuplot scripts. Data stand inside the script as numbers; texts from outside are quoted.

#include <map>
#include <string>
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
/// Activation against the channel's rank by relevance, clean beside variants: "channels-1", ... one a layer name.
std::vector<Figure> channel_figures(const RunSummary& summary);

/// Accuracy against the number of channels kept or set to 0: "interventions-1", ... one a layer name.
std::vector<Figure> intervention_figures(const RunSummary& summary);

std::vector<Figure> all_figures(const RunSummary& summary);

/// Layer names in the order of the run, each with the indices of the layers that have it.
std::vector<std::pair<std::string, std::vector<int>>> layers_by_name(const RunDescription& run);
/// The variants whose NR share changes most in any layer of that name, at most `maximum`, in the order of the run.
std::vector<int> most_changed_variants(const RunSummary& summary, const std::vector<int>& layers, std::size_t maximum);

}  // namespace cuebench
