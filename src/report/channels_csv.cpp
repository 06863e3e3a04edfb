#include <nlohmann/json.hpp>

#include <cuebench/report/writers.hpp>

#include "channel_summary.hpp"
#include "csv_row.hpp"
#include "part_file.hpp"

namespace cuebench {
namespace {

constexpr std::string_view kHeader =
    "model,layer,variant,class,channel,n,mean_act,var_act,class_relevance,partition,freq,magnitude_when_active\n";

/// `relevance_threshold` of the stored configuration; 0 where it says nothing.
double relevance_threshold(const RunDescription& run) {
  const auto configuration = nlohmann::json::parse(run.configuration, nullptr, false);
  return configuration.is_object() ? configuration.value("relevance_threshold", 0.0) : 0.0;
}

bool fits(const RunDescription& run, std::int64_t maximum_rows) {
  std::int64_t rows = 0;
  for (const StoredLayer& layer : run.layers)
    rows += static_cast<std::int64_t>(layer.channels) * static_cast<std::int64_t>(run.variants.size()) *
            static_cast<std::int64_t>(run.classes.size() + 1);
  return rows <= maximum_rows;
}

struct Group {
  std::string model, layer, variant, class_name;
};

std::string rows_of(const Group& group, const ChannelMoments& moments, std::span<const double> relevance,
                    double threshold) {
  const std::vector<signed char> partition = partition_channels(relevance, threshold);
  std::string rows;
  for (std::size_t channel = 0; channel < moments.channels(); ++channel) {
    const char* part = channel >= partition.size() ? ""
                       : partition[channel] > 0    ? "PR"
                       : partition[channel] < 0    ? "NR"
                                                   : "neutral";
    rows += csv_row({group.model, group.layer, group.variant, group.class_name, std::to_string(channel),
                     std::to_string(moments.n), moments.n > 0 ? csv_number(moments.mean[channel]) : std::string(),
                     csv_number(activation_variance(moments, channel)),
                     channel < relevance.size() ? csv_number(relevance[channel]) : std::string(), part,
                     csv_number(activity_frequency(moments, channel)),
                     csv_number(magnitude_when_active(moments, channel))});
  }
  return rows;
}

}  // namespace

void write_channels_csv(const RunStore& store, const std::filesystem::path& path, std::int64_t maximum_rows) {
  const RunDescription& run = store.description();
  const bool classes = fits(run, maximum_rows);
  const double threshold = relevance_threshold(run);
  PartFile file(path);
  file.write(kHeader);
  for (std::size_t layer = 0; layer < run.layers.size(); ++layer) {
    const ClassMoments clean = merged_moments(store, static_cast<int>(layer), 0);
    const auto relevance = relevance_of_layer(store, static_cast<int>(layer), clean);
    const std::vector<double> relevance_all = relevance_of_all(relevance);
    for (std::size_t variant = 0; variant < run.variants.size(); ++variant) {
      const ClassMoments moments = merged_moments(store, static_cast<int>(layer), static_cast<int>(variant));
      Group group{run.models.at(run.layers[layer].model).name, run.layers[layer].name, run.variants[variant].text,
                  "all"};
      file.write(rows_of(group, moments_of_all(moments), relevance_all, threshold));
      if (!classes) continue;
      for (const auto& [label, class_moments] : moments) {
        group.class_name = class_name(run, label);
        const auto found = relevance.find(label);
        file.write(rows_of(group, class_moments,
                           found == relevance.end() ? std::span<const double>() : found->second.mean, threshold));
      }
    }
  }
  file.commit();
}

}  // namespace cuebench
