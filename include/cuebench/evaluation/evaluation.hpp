#pragma once
// The main job: images -> variants -> models -> outcomes and channel statistics -> run.sqlite.

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <cuebench/core/progress.hpp>

namespace cuebench {

/// Every choice of `cuebench evaluate`, as typed. Empty texts mean "not given".
struct EvaluationRequest {
  std::string data;                        ///< SRC
  std::filesystem::path masks;             ///< folder or archive of masks
  std::filesystem::path styles;            ///< folder of style images
  std::vector<std::string> models;         ///< NAME=FILE[,key=value...]
  std::vector<std::string> variants;       ///< V...; `clean` is always evaluated
  std::string suite;                       ///< suite name; with variants: both
  std::vector<std::string> pairs;          ///< ROBUST:STANDARD; empty: by role
  std::vector<std::string> channels;       ///< layers, for every model that has them, or MODEL:LAYER
  std::vector<std::string> interventions;  ///< [MODEL:]LAYER[:key=value,...]
  std::string partition = "class_clean";
  std::string relevance = "true_class";  ///< or top2
  double relevance_threshold = 0;
  std::string aggregation = "mean";         ///< or sum, max, logsumexp: of outputs that belong to one class
  std::vector<std::string> class_mappings;  ///< [MODEL=]FILE.json, imagenet16 or cifar10
  bool exports_trials = false;  ///< the run is to be written as model-vs-human's files: refuse classes they cannot hold
  std::string preset;           ///< for models that name none
  std::filesystem::path out;    ///< run folder
  std::uint64_t seed = 0;
  int threads = 0;              ///< 0: all cores
  std::int64_t memory_mib = 0;  ///< bound on what streams through; 0: a quarter of the machine
  int batch = 0;                ///< 0: by image size
  int block = 256;
  std::int64_t limit = 0;  ///< 0: all images; else that many, spread evenly over the data set
  int shard = 0, shards = 1;
  int pictures = 6;                ///< images whose variants the report shows
  std::string device = "cpu";      ///< cpu, cuda or cuda:N: where models run
  std::string precision = "fp32";  ///< fp32, bf16, fp16 or tf32: of the passes that score images
  bool overwrite = false;
  bool fail_on_bad_image = false;
  bool apply_exif_orientation = false;
  bool serial = false;  ///< one thread, no pipeline: the oracle of the tests
};

/// What a run tells the manifest beyond what run.sqlite holds.
struct EvaluationFacts {
  std::string configuration;  ///< resolved, JSON text, with paths and threads
  std::string data_source, data_digest;
  std::vector<std::string> notes;  ///< sentences for the user: data set, models, BLAS
  std::int64_t images = 0, bad_images = 0;
  double seconds = 0;  ///< of the streaming part in this session
  std::int64_t images_this_session = 0;
  int threads = 0, batch = 0;
  std::string libtorch, blas;
  std::string device;  ///< the GPU, "cuda:0, NVIDIA H200"; "" on the CPU
  /// Where the precision is not fp32: model name, and how often it decided as in fp32.
  std::vector<std::pair<std::string, std::string>> precision;
  std::vector<std::pair<std::string, std::string>> model_hashes;  ///< name, SHA-256 of the file
  bool complete = false;  ///< every block of the run is stored (not so for a shard)
};

/// Checks everything first, then streams; continues a run folder where it stopped.
/// @throws UsageError before any work; RunError while working; Interrupted after a signal (state kept).
EvaluationFacts evaluate(const EvaluationRequest& request, const ReportingOptions& reporting);

}  // namespace cuebench
