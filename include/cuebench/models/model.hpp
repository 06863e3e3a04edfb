#pragma once
// A classifier ready to run: native network or TorchScript behind one interface. Thread-safe for concurrent calls.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <cuebench/models/placement.hpp>
#include <cuebench/networks/architecture.hpp>

namespace cuebench {

/// NAME=FILE[,role=standard|robust][,arch=A][,preset=P][,factors=differentiated|constant], merged with FILE.json; a
/// flag wins.
struct ModelSpec {
  std::string name;
  std::filesystem::path file;
  std::string role;  ///< "standard", "robust" or ""
  std::string preset;
  Sidecar sidecar;  ///< arch and the rest
  /// Gradients take the factors of CIFS modules for constants, as the published code does: what hides gradients there.
  bool constant_factors = false;
};
/// @throws UsageError for wrong grammar, unknown keys, absent file.
ModelSpec parse_model_spec(std::string_view text);

struct TapInfo {
  std::string name;
  NodeShape shape;  ///< {C, H, W} or {features}
};

struct ModelInfo {
  std::string name, role, architecture, file, sha256, format, preset;
  /// How infer() computes: "onednn", "mkldnn", "eager", "script-mkldnn" or "script"; elsewhere than in float32 on the
  /// CPU the plain ones with device and precision: "eager-cuda", "script-cuda-bf16".
  std::string way;
  std::string device;     ///< "cpu", "cuda:0"
  std::string precision;  ///< of infer(): "fp32", "bf16", "fp16", "tf32"
  int classes = 0;
  std::vector<std::string> class_names;  ///< in logit order; empty when the file does not say
  NodeShape input;                       ///< {C, H, W}; H, W 0 when any size is taken
  std::int64_t parameters = 0;           ///< trained values, as PyTorch counts parameters()
  /// What a user should know: logits that look like probabilities, a slower way than hoped for. One sentence each.
  std::vector<std::string> notes;
  int probes = 0;  ///< classifiers inside the network (CIFS modules)
};

/// How infer() computes. The ways agree to about 1e-5 of the largest logit, not to the bit: a run keeps to one.
enum class ExecutionWay {
  automatic,  ///< the fastest that is there and agrees with plain on a probe batch
  onednn,     ///< native networks through oneDNN's own interface: sums and activations inside the convolutions
  blocked,    ///< LibTorch on oneDNN layouts: folded normalisation, reordered weights
  plain,      ///< dense tensors, the way that gradients take
};

/// The ways that this build has for networks of its own (state_dict files), plain first.
std::vector<ExecutionWay> native_ways();
/// The ways for a file of that format.
std::vector<ExecutionWay> ways_for(CheckpointFormat format);

/// Spatial means of a tap: an [N, C] matrix, row-major, accumulated in double. A vector tap is its own mean.
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

struct LoadedModel;  // private to the layer

class Model {
 public:
  /// Loads weights, folds normalisation, prepares the chosen taps, and runs a probe batch. `taps` are names.
  /// `input_hint` is the {C, H, W} of the images to come, {} when not known: then the file's own size counts (sidecar,
  /// architecture; 3x224x224 for TorchScript). A network whose weights fix another size refuses it. `placement` is
  /// taken as it is: parse_device and parse_precision say what a machine can do.
  /// @throws UsageError: not a checkpoint, unknown architecture, unknown tap (nearest names), wrong class count, logits
  /// that are not finite, TorchScript without forward, ...
  static Model load(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint,
                    ExecutionWay way = ExecutionWay::automatic, const Placement& placement = {});
  /// The same from a network in memory (just trained, or written by hand); `spec` gives name, role and sidecar.
  static Model from_network(const AssembledNetwork& assembled, const ModelSpec& spec,
                            const std::vector<std::string>& taps, const NodeShape& input_hint = {},
                            ExecutionWay way = ExecutionWay::automatic, const Placement& placement = {});

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  const ModelInfo& info() const;
  const Placement& placement() const;
  /// Everything that can be tapped.
  std::vector<TapInfo> available_taps() const;
  /// The chosen taps, in the order given to load.
  const std::vector<TapInfo>& taps() const;
  /// Rows of W for taps with the closed form rel_true[c] = W[y, c]: [classes x C], row-major; empty for others. Found
  /// by structure and checked against autograd at load (1e-5 relative).
  const std::vector<double>& closed_form_weights(std::size_t tap) const;

  /// Fast path: no gradients. `images`: float [N, C, H, W] in [0, 1]. Runs on the calling thread only; the same batch
  /// gives the same bits whatever other threads do. A one-channel model takes RGB too (luma 0.299, 0.587, 0.114).
  /// Images on another device than the model's are copied there; on a GPU one call runs at a time.
  /// @throws UsageError for another size than the model takes.
  Inference infer(const at::Tensor& images) const;
  /// The same in float32 on the model's device, on the plain way: what fewer bits are compared with.
  Inference infer_plainly(const at::Tensor& images) const;
  /// One forward and one backward pass (none where every tap has the closed form). `labels` has N entries, used by
  /// true_class. top2: the two largest logits of the same image, the lowest class index first among equal ones.
  /// @throws UsageError for a label that is no class, for a tap that does not influence the logits.
  RelevantInference infer_with_relevance(const at::Tensor& images, const std::vector<std::int64_t>& labels,
                                         RelevanceKind kind) const;
  /// Differentiable logits for attacks: float32 [N, classes], on the plain way and the model's device, whatever the
  /// precision; gradients flow to `images` where it requires them, never to weights. The derivative of ReLU at 0 is 0.
  at::Tensor differentiable_logits(const at::Tensor& images) const;
  /// What becomes of the logits when the channels of a tap are multiplied: for each i below `count`, `fill` writes the
  /// factors [N, C], row-major, and `visit` gets the logits [N, classes]. In float32 on the plain way; what does not
  /// depend on the tap is computed once (of TorchScript: every time).
  void infer_with_factors(const at::Tensor& images, std::size_t tap, std::size_t count,
                          const std::function<void(std::size_t i, std::span<float> factors)>& fill,
                          const std::function<void(std::size_t i, std::span<const float> logits)>& visit) const;
  /// The same as differentiable_logits, followed by the logits of each probe inside the network (ModelInfo::probes).
  std::vector<at::Tensor> differentiable_outputs(const at::Tensor& images) const;

 private:
  struct State;
  explicit Model(std::unique_ptr<State> state);
  static Model finish(const std::function<LoadedModel()>& load, const ModelSpec& spec, ExecutionWay way);
  std::unique_ptr<State> state_;
};

/// How often infer() decides for the same class as float32 does, on the same images.
struct DecisionAgreement {
  std::int64_t equal = 0, images = 0;
};
DecisionAgreement agreement_with_fp32(const Model& model, const at::Tensor& images);

/// Sets what LibTorch must know before the first forward pass (one thread per worker, fuser off, ...). Idempotent.
void prepare_libtorch();
/// Gives the calling thread one LibTorch thread. Call at the start of each worker; Model's functions do it too, so a
/// thread that trains with several sets its number again afterwards.
void prepare_libtorch_worker();

/// What doctor prints: library versions, BLAS name, thread counts, a measured sgemm and convolution rate.
struct LibtorchFacts {
  std::string version, blas, capability;
  int threads = 0;
  double sgemm_gflops = 0, convolution_gflops = 0;
  bool slow_blas = false;  ///< the reference BLAS: eager convolutions of small batches are 7x slower
};
LibtorchFacts measure_libtorch();

}  // namespace cuebench
