#pragma once
// Everything a report says about one run, as values: computed once from the store, written by the writers of
// writers.hpp. Definitions of every number: docs/results.md.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cuebench/metrics/bootstrap.hpp>
#include <cuebench/metrics/channel_statistics.hpp>
#include <cuebench/metrics/cue_decision.hpp>
#include <cuebench/metrics/intervals.hpp>
#include <cuebench/store/run_store.hpp>

namespace cuebench {

/// Raised when a field of results.json changes its meaning or goes.
inline constexpr int kResultsSchemaVersion = 1;

/// A number as every file has it. Either `value` is there and `method` says how value and interval were made, or
/// `value` is absent and `method` says why.
struct Measure {
  std::optional<double> value, low, high;
  std::int64_t n = 0;
  std::string method;
};

/// How many items entered the scores, and where the others went. total = scored + bad + pending + partial.
struct ItemCounts {
  std::int64_t total = 0;
  std::int64_t scored = 0;    ///< every model has an outcome under every variant; all scores are over these
  std::int64_t labelled = 0;  ///< scored ones with a label; accuracies are over these
  std::int64_t bad = 0;       ///< could not be read, or only in part, and stand in the list of bad images
  std::int64_t pending = 0;   ///< no outcome yet: the run is unfinished
  std::int64_t partial = 0;   ///< some model or variant has no outcome, for no recorded reason
  std::int64_t blocks = 0, finished_blocks = 0;
};

/// One model under one variant. Shares and means over ItemCounts::scored.
struct VariantScores {
  int model = 0, variant = 0;
  Measure top1, top5;  ///< top5 is absent for models of 5 classes or fewer
  Measure retained;    ///< top1 / top1 on clean
  Measure agreement;   ///< share of images with the same predicted class as on clean
  Measure negative_log_likelihood, calibration_error, confidence;
  std::vector<Measure> class_top1;  ///< by class index
};

/// Decisions on images whose shape and texture belong to different classes.
struct ShapeBiasScores {
  using Counts = CueCounts;
  int model = 0, variant = 0;
  Counts counts;
  Measure bias;        ///< shape / (shape + texture)
  Measure class_mean;  ///< unweighted mean of the defined class values
  Measure shape_share, texture_share, other_share;
  std::vector<Counts> class_counts;  ///< by shape class
  std::vector<Measure> class_bias;
};

/// One model under one variant, with one way to make a category's value of several outputs.
struct AggregationScores {
  int model = 0, variant = 0;
  std::string aggregation;  ///< "mean", "sum", "max", "logsumexp"
  bool used = false;        ///< the run's: every other number is under this one
  bool conflicts = false;   ///< shape and texture disagree: `counts` and `bias` mean something
  CueCounts counts;
  Measure top1, bias;
};

/// Images that the data set has and the run has not: a model has no output for their label, shape or texture.
struct LeftOutImages {
  std::int64_t images = 0;
  std::vector<std::string> classes;  ///< that a model has no output for
};

/// Robust minus standard under one variant; both models saw the same images.
struct VariantComparison {
  int variant = 0;
  Measure difference;                               ///< top-1 accuracy
  std::int64_t only_robust = 0, only_standard = 0;  ///< images that only one of the two has right
  Measure mcnemar_p;                                ///< exact
  Measure holm_p, benjamini_hochberg_p;             ///< the same, adjusted over the variants of this pair
  Measure relative_to_clean;                        ///< (acc_r(v) - acc_r(clean)) - (acc_s(v) - acc_s(clean))
  Measure shape_bias_difference;
};

/// Retained accuracy pooled over the variants that leave one cue, and what the two cues say together. Absent on runs
/// with cue labels: there the clean images' cues conflict, and the shape bias answers.
struct CueEvidence {
  std::vector<int> shape_variants, texture_variants;  ///< variants that keep only shape, only texture
  Measure robust_shape, standard_shape, shape_difference;
  Measure robust_texture, standard_texture, texture_difference;
  Measure contrast;  ///< shape_difference - texture_difference: > 0 speaks for shape
};

struct ChannelDifference {
  std::string layer;
  int variant = 0;
  Measure nr_share, nr_share_delta, align_cosine_image_mean, align_pearson_image_mean;
};

enum class Verdict { more_shape, less_shape, undecided, not_comparable };
std::string_view to_string(Verdict verdict);

struct PairComparison {
  int robust = 0, standard = 0;
  bool same_architecture = true;
  std::vector<VariantComparison> variants;
  CueEvidence cues;
  std::vector<ChannelDifference> channels;
  Verdict verdict = Verdict::undecided;
  std::string answer;    ///< question and answer, without numbers
  std::string sentence;  ///< `answer` and the numbers, in one sentence
};

/// Channel statistics of one group. `label` -1 is the group `all`.
struct ChannelGroup {
  int label = -1;
  std::vector<std::pair<std::string_view, Measure>> measures;  ///< field name -> number, order of docs/results.md
  const Measure& measure(std::string_view name) const;
};

/// Channels in an order that each class has on its clean images; at rank r stands the mean over all images of the
/// channel that is r-th for the image's class. One value a channel.
struct ChannelProfile {
  std::vector<double> activation;  ///< mean activation
  std::vector<double> frequency;   ///< share of the images on which the channel is active (kActiveFraction)
};

struct ChannelSummary {
  int layer = 0, variant = 0;
  std::vector<ChannelGroup> groups;   ///< [0] is `all`, then the classes that have images
  ChannelProfile by_relevance;        ///< descending class relevance
  ChannelProfile by_clean_magnitude;  ///< descending mean activation on the class's clean images
  double positive_channels = 0;       ///< mean over images of the number of channels with positive class relevance
};

/// One image of the picture strip with every model's answer.
struct PictureSummary {
  struct Answer {
    int predicted = -1;
    double confidence = 0;
    bool correct = false;
  };
  struct Frame {
    int variant = 0;
    std::vector<std::byte> png;
    std::vector<Answer> answers;  ///< by model
  };
  std::int64_t item = 0;
  std::vector<Frame> frames;
};

/// Accuracy when channels of a layer are changed at test time: one action, several settings.
struct InterventionPoint {
  double setting = 0;  ///< a number of channels, or the factor of suppress_opposed
  Measure accuracy;    ///< of actions at random: mean over draws, with what 95 % of the draws give
  Measure change;      ///< accuracy minus that of the same images without the intervention, paired
};
struct InterventionCurve {
  int layer = 0, variant = 0;
  std::string action, of;                 ///< "keep_relevant"; "top2", "predicted" or "label"
  Measure unmodified;                     ///< accuracy without the intervention
  std::vector<InterventionPoint> points;  ///< by ascending setting
};

/// One model on ImageNet-C's corruptions. Errors of a corruption are means over its 5 severities.
struct CorruptionScoresOfModel {
  int model = 0;
  Measure error;                          ///< mean over the 15 corruptions of the benchmark, not normalised
  Measure mce, relative_mce;              ///< over the same 15, divided by the baseline's errors
  Measure error_19, mce_19;               ///< over 15 + 4, where the run has all 19
  std::vector<Measure> corruption_error;  ///< by CorruptionSummary::corruptions
};
/// Variants imagenet_c of all 15 corruptions at 5 severities with the same other parameters.
struct CorruptionSummary {
  std::string setting;                     ///< the other parameters, "saved=auto,scale=auto"
  std::vector<std::string> corruptions;    ///< the benchmark's 15, then the further 4 where all are there
  std::vector<std::vector<int>> variants;  ///< by corruption and severity
  std::string baseline;                    ///< a model of the run, "AlexNet (customary)", or "": none
  std::vector<CorruptionScoresOfModel> models;
};

struct SummaryOptions {
  /// Names (robust, standard); empty: chosen by role.
  std::vector<std::pair<std::string, std::string>> pairs;
  /// Model that mCE is divided by; empty: AlexNet's customary errors where the data are ImageNet's, else none.
  std::string mce_baseline;
  BootstrapOptions bootstrap;     ///< accuracies, shape bias
  int channel_replicates = 1000;  ///< channel statistics
  /// With more classes than this, channel statistics are kept for the group `all` only.
  int maximum_channel_classes = 200;
  int pictures = 8;  ///< images in the picture strip, at most
};

struct RunSummary {
  RunDescription description;  ///< as stored
  SummaryOptions options;
  bool complete = false;
  ItemCounts items;
  std::vector<std::map<std::string, std::int64_t>> notes;  ///< by variant: note -> images
  std::vector<VariantScores> scores;                       ///< variant-major, then model
  std::vector<int> conflict_variants;                      ///< where shape and texture disagree, ascending
  std::vector<ShapeBiasScores> shape_bias;                 ///< as scores, of conflict_variants
  std::vector<AggregationScores> aggregations;             ///< of models whose outputs are grouped; by variant, model
  LeftOutImages left_out;
  std::vector<PairComparison> pairs;
  std::vector<CorruptionSummary> corruptions;    ///< one for each setting that is complete
  std::vector<ChannelSummary> channels;          ///< layer-major, then variant
  std::vector<InterventionCurve> interventions;  ///< by layer, then variant
  std::vector<std::pair<std::int64_t, BadImage>> bad_images;
  std::vector<PictureSummary> pictures;

  const VariantScores& score(int model, int variant) const;
  const ShapeBiasScores* bias(int model, int variant) const;  ///< null where shape and texture do not disagree
  const ChannelSummary* channel(int layer, int variant) const;
  /// The curve of that action; that of top2 where there are several. Null where there is none.
  const InterventionCurve* intervention(int layer, int variant, std::string_view action) const;
  std::string class_name(int label) const;  ///< "#17" where the data set has no such class; "" for -1
};

/// True where shape and texture of the images disagree: on every variant of cue-conflict stimuli, else on variants that
/// make such images.
bool cues_conflict(const RunDescription& run, int variant);

/// Reads the run once per (model, variant); memory grows with the items, not with items x variants.
/// @throws UsageError when options name a model that the run does not have, or a baseline where there is no mCE.
RunSummary summarise(const RunStore& store, const SummaryOptions& options = {});

/// Indices (robust, standard): each robust model against the standard one of its architecture, else the first.
/// @throws UsageError for a name in `wanted` that no model has.
std::vector<std::pair<int, int>> choose_pairs(const std::vector<StoredModel>& models,
                                              const std::vector<std::pair<std::string, std::string>>& wanted);

}  // namespace cuebench
