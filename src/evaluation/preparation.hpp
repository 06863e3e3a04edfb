#pragma once
// Everything that is settled before the first image streams: data, models, variants, geometry, classes, sizes.

#include <map>
#include <string>
#include <vector>

#include <cuebench/channels/channel_measurement.hpp>
#include <cuebench/datasets/dataset.hpp>
#include <cuebench/evaluation/evaluation.hpp>
#include <cuebench/imaging/preset.hpp>
#include <cuebench/metrics/aggregation.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/models/placement.hpp>
#include <cuebench/store/run_store.hpp>

#include "class_space.hpp"
#include "planned_variant.hpp"

namespace cuebench {

/// A model and how this run feeds it.
struct PreparedModel {
  Model model;
  OutputMapping outputs;
  int geometry = 0;         ///< index into Preparation::geometries
  std::vector<int> layers;  ///< ids of its measured layers, in the order of its taps
  bool needs_gradients = false;
};

/// An intervention of this run on one layer.
struct PlannedIntervention {
  int id = 0;  ///< into RunDescription::interventions
  ChannelIntervention what;
  RelevantClasses of = RelevantClasses::top2;
  std::vector<int> random_ranks;  ///< of its draw
};

/// One input geometry; models of the same one share images and variants.
struct Geometry {
  Preset preset;
  int height = 0, width = 0;
};

struct Preparation {
  Placement placement;
  std::string device_name;  ///< of a GPU, for the manifest
  Dataset dataset;
  std::vector<std::size_t> chosen;  ///< data set indices of the run's items
  /// By data set index, which image lends its texture; empty where no variant asks for one.
  std::vector<std::size_t> partners;
  ClassSpace classes;
  Aggregation aggregation = Aggregation::mean;  ///< of outputs that belong to one class
  /// What --class-mapping gave, by model name; empty without it.
  std::map<std::string, CategoryOutputs> class_mappings;
  /// Images that are no part of the run, since a model has no output for their shape or texture; and those classes.
  std::int64_t left_out = 0;
  std::vector<std::string> lacking;
  std::vector<Geometry> geometries;
  std::vector<PreparedModel> models;
  std::vector<std::string> models_with_constant_factors;  ///< ModelSpec::constant_factors
  std::vector<PlannedVariant> variants;                   ///< [0] is clean
  PartitionRule partition;
  RelevanceKind relevance = RelevanceKind::true_class;
  std::vector<std::vector<PlannedIntervention>> interventions;  ///< by layer id
  RunDescription description;
  std::vector<bool> pictured;  ///< per item: its variants go into the report
  int batch = 0, threads = 0;
  int live_chunks = 0;  ///< chunks in flight that --memory allows
  std::vector<std::string> notes;
};

/// Whether the relevance of a layer is known only after a pass over the clean images.
bool needs_relevance_pass(const Preparation& run, std::size_t layer);

/// @throws UsageError for everything that is wrong with the request.
Preparation prepare(const EvaluationRequest& request);

}  // namespace cuebench
