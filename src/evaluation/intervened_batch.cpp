#include "intervened_batch.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace cuebench {
namespace {

using Row = BlockRecord::InterventionRow;

/// As an Outcome of rank 1: ties count against the label.
bool is_right(std::span<const float> logits, int label) {
  const auto own = static_cast<std::size_t>(label);
  for (std::size_t k = 0; k < logits.size(); ++k)
    if (k != own && logits[k] >= logits[own]) return false;
  return true;
}

/// The interventions on one layer, for one batch.
class LayerIntervention {
 public:
  LayerIntervention(const std::vector<PlannedIntervention>& planned, const SeenBatch& batch, std::size_t tap,
                    const LayerReference& reference, double relevance_threshold)
      : planned_(planned),
        batch_(batch),
        activation_(batch.activations[tap]),
        reference_(reference),
        relevance_threshold_(relevance_threshold),
        classes_(batch.logits.size() / batch.labels.size()) {
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
      const auto logits = logits_of(batch.logits, i);
      const auto [first, second] = two_largest(logits);
      const auto top = static_cast<int>(first);
      before_.push_back(is_right(logits, batch.labels[i]));
      orders_[RelevantClasses::top2].push_back(order_of_classes({top, static_cast<int>(second)}));
      orders_[RelevantClasses::predicted].push_back(order_of_classes({top, top}));
      orders_[RelevantClasses::label].push_back(order_of_classes({batch.labels[i], batch.labels[i]}));
    }
    for (const PlannedIntervention& intervention : planned)
      rows_.push_back({intervention.id, batch.variant, 0, 0, 0, 0});
  }

  /// From the head's weights.
  void run_closed_form(const std::vector<double>& weights) {
    std::vector<float> factors(channels());
    for (std::size_t which = 0; which < planned_.size(); ++which)
      for (std::size_t i = 0; i < before_.size(); ++i) {
        if (!fill(which, i, factors)) continue;
        const auto activation = std::span(activation_.values).subspan(i * channels(), channels());
        count(which, i, intervened_logits(logits_of(batch_.logits, i), activation, weights, factors));
      }
  }

  /// By running the rest of the network.
  void run_network(const Model& model, std::size_t tap) {
    model.infer_with_factors(
        batch_.images, tap, planned_.size(),
        [&](std::size_t which, std::span<float> factors) {
          for (std::size_t i = 0; i < before_.size(); ++i) {
            const auto own = factors.subspan(i * channels(), channels());
            if (!fill(which, i, own)) std::fill(own.begin(), own.end(), 1.0F);
          }
        },
        [&](std::size_t which, std::span<const float> logits) {
          for (std::size_t i = 0; i < before_.size(); ++i)
            if (order_of(which, i)) count(which, i, logits_of(logits, i));
        });
  }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::size_t channels() const { return static_cast<std::size_t>(activation_.channels); }
  std::span<const float> logits_of(std::span<const float> logits, std::size_t image) const {
    return logits.subspan(image * classes_, classes_);
  }
  const ChannelOrder* order_of(std::size_t which, std::size_t image) const {
    return orders_.at(planned_[which].of)[image];
  }
  /// By the sum of two classes' relevances (twice the same: its own order); null where one has none.
  const ChannelOrder* order_of_classes(std::pair<int, int> classes) {
    const auto [place, made] = made_.try_emplace(classes);
    if (!made) return place->second.rank.empty() ? nullptr : &place->second;
    const auto first = reference_.class_relevance.find(classes.first);
    const auto second = reference_.class_relevance.find(classes.second);
    if (first == reference_.class_relevance.end() || second == reference_.class_relevance.end()) return nullptr;
    std::vector<double> relevance = first->second;
    for (std::size_t c = 0; c < relevance.size(); ++c) relevance[c] += second->second[c];
    place->second = order_channels(relevance, relevance_threshold_);
    return &place->second;
  }
  bool fill(std::size_t which, std::size_t image, std::span<float> factors) const {
    const ChannelOrder* const order = order_of(which, image);
    if (order) fill_factors(planned_[which].what, *order, planned_[which].random_ranks, factors);
    return order != nullptr;
  }
  void count(std::size_t which, std::size_t image, std::span<const float> logits) {
    const bool before = before_[image], after = is_right(logits, batch_.labels[image]);
    Row& row = rows_[which];
    ++row.images;
    row.before += before;
    row.after += after;
    row.both += before && after;
  }

  const std::vector<PlannedIntervention>& planned_;
  const SeenBatch& batch_;
  const TapMeans& activation_;
  const LayerReference& reference_;
  double relevance_threshold_;
  std::size_t classes_;
  std::vector<bool> before_;                                            ///< by image: right without
  std::map<std::pair<int, int>, ChannelOrder> made_;                    ///< by the classes; nodes stay where they are
  std::map<RelevantClasses, std::vector<const ChannelOrder*>> orders_;  ///< by image
  std::vector<Row> rows_;                                               ///< as planned_
};

}  // namespace

void intervene_on_batch(const Preparation& run, const PreparedModel& prepared, const SeenBatch& batch,
                        const LayerReferences& references, BlockRecord& record) {
  for (std::size_t tap = 0; tap < prepared.layers.size(); ++tap) {
    const auto layer = static_cast<std::size_t>(prepared.layers[tap]);
    const auto& planned = run.interventions[layer];
    if (planned.empty()) continue;
    LayerIntervention intervention(planned, batch, tap, references[layer], run.partition.relevance_threshold);
    const std::vector<double>& weights = prepared.model.closed_form_weights(tap);
    if (weights.empty()) {
      intervention.run_network(prepared.model, tap);
    } else {
      intervention.run_closed_form(weights);
    }
    record.interventions.insert(record.interventions.end(), intervention.rows().begin(), intervention.rows().end());
  }
}

}  // namespace cuebench
