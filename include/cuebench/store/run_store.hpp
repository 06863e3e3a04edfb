#pragma once
// run.sqlite: everything a run measured, one transaction a block. Schema in docs/run-folder.md; readable by anyone.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cuebench/metrics/channel_statistics.hpp>
#include <cuebench/metrics/outcome.hpp>

namespace cuebench {

/// Raised when the layout of run.sqlite changes.
inline constexpr int kRunSchemaVersion = 1;

struct StoredModel {
  std::string name, role, architecture, file, sha256,
      way;  ///< way: how the forward pass runs ("mkldnn", "script", ...)
  int classes = 0;
  std::int64_t parameters = 0;
};
struct StoredVariant {
  std::string text, keeps;
};
struct StoredItem {
  std::string id;
  int label = -1, shape_label = -1, texture_label = -1;
};
struct StoredLayer {
  int model = 0;
  std::string name;
  int channels = 0;
  std::string form;  ///< "closed" or "gradient"
};
/// One thing that is done to a layer at test time (cuebench/channels/intervention.hpp).
struct StoredIntervention {
  int layer = 0;
  std::string action, of;  ///< "keep_relevant", "top2"
  double setting = 0;
  int draw = -1;
};
struct BadImage {
  std::string path;
  std::int64_t bytes = 0;
  std::string reason;
};

/// Written once, when the run folder is made; indices into these vectors are the ids in every other table.
struct RunDescription {
  std::string
      configuration;  ///< resolved configuration, JSON text (what decides results; no threads, no paths of output)
  std::vector<std::string> classes;
  std::vector<StoredModel> models;
  std::vector<StoredVariant> variants;  ///< [0] is clean
  std::vector<StoredItem> items;        ///< of this run (after --limit); a shard lists all, and holds some blocks
  std::vector<StoredLayer> layers;
  std::vector<StoredIntervention> interventions;
  int block_size = 256;
  bool has_cues = false;
};

/// Everything one block adds. Item numbers index RunDescription::items.
struct BlockRecord {
  std::int64_t block = 0;
  struct OutcomeRow {
    std::int64_t item = 0;
    int model = 0, variant = 0;
    Outcome outcome;
  };
  struct NoteRow {
    std::int64_t item = 0;
    int variant = 0;
    std::string note;
  };
  struct ChannelRow {
    int layer = 0, variant = 0;
    ClassMoments moments;
  };
  struct ChannelImageRow {
    std::int64_t item = 0;
    int layer = 0, variant = 0;
    ChannelImageRecord record;
  };
  /// Numbers of images of the block, by whether the model has the label right.
  struct InterventionRow {
    int intervention = 0, variant = 0;
    std::int64_t images = 0;                       ///< whose channels could be ordered
    std::int64_t before = 0, after = 0, both = 0;  ///< right without, with the intervention, in both cases
  };
  /// What the block's images give under one way to make a category's value of several outputs; of models for which the
  /// ways can differ.
  struct AggregationRow {
    int model = 0, variant = 0;
    std::string aggregation;                            ///< "mean"
    std::int64_t labelled = 0, right = 0;               ///< images
    std::int64_t shape = 0, texture = 0, conflict = 0;  ///< decisions; images whose shape and texture differ
  };
  struct Picture {
    std::int64_t item = 0;
    int variant = 0;
    std::vector<std::byte> png;
  };
  std::vector<OutcomeRow> outcomes;
  std::vector<NoteRow> notes;
  std::vector<ChannelRow> channels;
  std::vector<ChannelImageRow> channel_images;
  std::vector<InterventionRow> interventions;
  std::vector<AggregationRow> aggregations;
  std::vector<Picture> pictures;
  std::vector<std::pair<std::int64_t, BadImage>> bad_images;  ///< item, why
};

/// Class relevance of a layer, from the clean pass: label -> n images and mean rel_true per channel.
struct ClassRelevance {
  std::int64_t n = 0;
  std::vector<double> mean;
};

class RunStore {
 public:
  /// Makes run.sqlite, or opens the existing one and continues it. Only one process at a time may write a run; others
  /// may read it meanwhile.
  /// @throws UsageError when it belongs to another configuration (names the first difference and `--overwrite`), was
  /// written by another schema version, is not a run, cannot be written, or is being written by another process;
  /// RunError when the disk is full or the file damaged.
  static RunStore create_or_resume(const std::filesystem::path& folder, const RunDescription& description);
  /// Read-only; also while another process writes the run, and on a medium that cannot be written. @throws UsageError
  /// when `folder` holds no run, or one of another schema version.
  static RunStore open(const std::filesystem::path& folder);
  /// Removes run.sqlite and its companions, if there (for `--overwrite`). @throws UsageError when another process is
  /// writing the run, or a file cannot be removed.
  static void discard(const std::filesystem::path& folder);

  RunStore(RunStore&&) noexcept;
  RunStore& operator=(RunStore&&) noexcept;
  ~RunStore();

  const RunDescription& description() const;
  std::int64_t block_count() const;
  std::vector<bool> finished_blocks() const;
  bool complete() const;

  /// One transaction. @throws RunError ("disk full": what is stored stays). Committing a block twice is an error
  /// (std::logic_error), as is a row outside the block (std::invalid_argument). At most one bad image an item.
  void commit(const BlockRecord& record);

  /// Relevance pass (gradient-form layers): partial sums of a block, and the merged result of all blocks.
  void commit_relevance(std::int64_t block, const std::vector<std::pair<int, ClassMoments>>& per_layer);
  std::vector<bool> finished_relevance_blocks() const;
  /// Merged in ascending block order: label -> relevance. Where the layer had no relevance pass (closed form), from the
  /// channel sums of the clean variant.
  std::map<int, ClassRelevance> class_relevance(int layer) const;

  /// Rows in (item) order for one model and variant.
  void for_each_outcome(int model, int variant,
                        const std::function<void(std::int64_t item, const Outcome&)>& visit) const;
  /// In (item) order.
  void for_each_channel_image(int layer, int variant,
                              const std::function<void(std::int64_t item, const ChannelImageRecord&)>& visit) const;
  /// In ascending block order.
  void for_each_channel_block(int layer, int variant,
                              const std::function<void(std::int64_t block, const ClassMoments&)>& visit) const;
  /// Sums over the finished blocks, by intervention, then variant.
  std::vector<BlockRecord::InterventionRow> interventions() const;
  /// Sums over the finished blocks, by variant, then model, in the order in which aggregations were stored.
  std::vector<BlockRecord::AggregationRow> aggregations() const;
  std::vector<std::pair<std::int64_t, BadImage>> bad_images() const;  ///< by item
  /// note text -> number of items, for one variant.
  std::map<std::string, std::int64_t> note_counts(int variant) const;
  std::vector<BlockRecord::Picture> pictures() const;  ///< by item, then variant

  /// Copies every finished block (and relevance block) of `other` that this one lacks, all of them in one transaction.
  /// For `merge`. @throws UsageError when `other` has another description.
  void absorb(const RunStore& other);

 private:
  struct State;
  explicit RunStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cuebench
