#include <cuebench/report/writers.hpp>

#include "csv_row.hpp"

namespace cuebench {

std::string interventions_csv(const RunSummary& summary) {
  const RunDescription& run = summary.description;
  std::string text =
      "model,layer,variant,action,of,setting,accuracy,accuracy_low,accuracy_high,accuracy_unmodified,change,change_low,"
      "change_high,n,method\n";
  for (const InterventionCurve& curve : summary.interventions) {
    const StoredLayer& layer = run.layers.at(static_cast<std::size_t>(curve.layer));
    for (const InterventionPoint& point : curve.points)
      text += csv_row({run.models.at(static_cast<std::size_t>(layer.model)).name, layer.name,
                       run.variants.at(static_cast<std::size_t>(curve.variant)).text, curve.action, curve.of,
                       csv_number(point.setting), csv_number(point.accuracy.value), csv_number(point.accuracy.low),
                       csv_number(point.accuracy.high), csv_number(curve.unmodified.value),
                       csv_number(point.change.value), csv_number(point.change.low), csv_number(point.change.high),
                       std::to_string(point.accuracy.n), point.accuracy.method});
  }
  return text;
}

}  // namespace cuebench
