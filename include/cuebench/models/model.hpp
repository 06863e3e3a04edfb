#pragma once
// A classifier ready to run: native network or TorchScript behind one interface. Thread-safe for concurrent calls.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/networks/architecture.hpp>

namespace cuebench {

/// NAME=FILE[,role=standard|robust][,arch=A][,preset=P], merged with FILE.json; a flag wins.
struct ModelSpec {
  std::string name;
  std::filesystem::path file;
  std::string role;  ///< "standard", "robust" or ""
  std::string preset;
  Sidecar sidecar;  ///< arch and the rest
};
/// @throws UsageError for wrong grammar, unknown keys, absent file.
ModelSpec parse_model_spec(std::string_view text);

struct TapInfo {
  std::string name;
  NodeShape shape;  ///< {C, H, W} or {features}
};

struct ModelInfo {
  std::string name, role, architecture, file, sha256, format, preset;
  std::string way;  ///< "mkldnn", "eager", "script"
  int classes = 0;
  std::vector<std::string> class_names;  ///< in logit order; empty when the file does not say
  NodeShape input;                       ///< {C, H, W}; H, W 0 when any size is taken
  std::int64_t parameters = 0;
};

/// Spatial means of the chosen taps: one [N, C] double matrix per tap, row-major.
struct TapMeans {
  std::int64_t images = 0, channels = 0;
  std::vector<double> values;
};

struct Inference {
  std::vector<float> logits;  ///< [N, classes], row-major
  std::vector<TapMeans> taps;
};

enum class RelevanceKind { true_class, top2 };

/// As Inference, with the relevance of each tap: sum over positions of d(selected logits)/dA.
struct RelevantInference {
  Inference inference;
  std::vector<TapMeans> relevance;  ///< sums, not means; [N, C]
};

class Model {
 public:
  /// Loads weights, folds normalisation, prepares the chosen taps. `taps` are names.
  /// @throws UsageError: not a checkpoint, unknown architecture, unknown tap (nearest names), wrong class count, ...
  static Model load(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const ModelInfo& info() const;
  /// Everything that can be tapped.
  std::vector<TapInfo> available_taps() const;
  /// The chosen taps, in the order given to load.
  const std::vector<TapInfo>& taps() const;
  /// Rows of W for taps with the closed form: [classes x C], row-major; empty for others.
  const std::vector<double>& closed_form_weights(std::size_t tap) const;

  /// Fast path: no gradients. `images`: float [N, 3, H, W] in [0, 1], contiguous. Runs on the calling thread.
  Inference infer(const at::Tensor& images) const;
  /// One forward and one backward pass. `labels` has N entries; used by true_class.
  RelevantInference infer_with_relevance(const at::Tensor& images, const std::vector<std::int64_t>& labels,
                                         RelevanceKind kind) const;
  /// Differentiable logits for attacks: float [N, classes].
  at::Tensor differentiable_logits(const at::Tensor& images) const;

 private:
  struct State;
  explicit Model(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Sets what LibTorch must know before the first forward pass (one thread per worker, fuser off, ...). Idempotent.
void prepare_libtorch();
/// Call at the start of each worker thread.
void prepare_libtorch_worker();

/// What doctor prints: library versions, BLAS name, thread counts, a measured sgemm and convolution rate.
struct LibtorchFacts {
  std::string version, blas, capability;
  int threads = 0;
  double sgemm_gflops = 0, convolution_gflops = 0;
  bool slow_blas = false;  ///< the reference BLAS: eager convolutions of small batches are 7x slower
  bool cuda = false;
};
LibtorchFacts measure_libtorch();

}  // namespace cuebench
