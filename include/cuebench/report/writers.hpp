#pragma once
// The files of a run folder, each a pure function of its input: the same store gives the same bytes.
// Fields: docs/results.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <cuebench/report/manifest.hpp>
#include <cuebench/report/summary.hpp>

namespace cuebench {

std::string results_json(const RunSummary& summary);
/// model,role,variant,class,metric,value,low,high,n,method; one row a number.
std::string metrics_csv(const RunSummary& summary);
/// model,layer,variant,action,of,setting,...: one row for each setting of each intervention on channels.
std::string interventions_csv(const RunSummary& summary);
/// Tables with booktabs rules, to be included in a paper: "accuracy", "comparison", "shape-bias", "channels" and
/// "corruptions", those that the run has.
std::map<std::string, std::string> latex_tables(const RunSummary& summary);
/// path,bytes,reason
std::string bad_images_csv(const RunSummary& summary);

/// model,layer,variant,class,channel,... Classes are left out (only `all` stays) when the file would have more than
/// `maximum_rows` rows. Written as it is made: memory holds two variants of one layer.
void write_channels_csv(const RunStore& store, const std::filesystem::path& path, std::int64_t maximum_rows);

/// item,model,variant,label,predicted,confidence,rank_of_label, compressed; every stored outcome.
void write_predictions_csv_gz(const RunStore& store, const std::filesystem::path& path);

}  // namespace cuebench
