#pragma once
// Activation and frequency of the channels in the order that clean images give them.

#include <map>

#include <cuebench/report/summary.hpp>

namespace cuebench {

/// Fills by_relevance, by_clean_magnitude and positive_channels. Each class orders its channels by itself, on its clean
/// images (`clean`, `relevance`); at each rank stands the mean over the images of `variant`. Equal channels keep the
/// order of their numbers. Classes without clean images or relevance are left out.
void add_profiles(ChannelSummary& summary, const ClassMoments& variant, const ClassMoments& clean,
                  const std::map<int, ClassRelevance>& relevance);

}  // namespace cuebench
