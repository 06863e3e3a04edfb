// Loads TorchScript: one flat graph, run by the interpreter itself. The executor that modules normally go through
// profiles the first calls and compiles later ones, so that the same batch would not always give the same bits.

#include <algorithm>
#include <memory>

#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/interpreter.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cuebench/core/errors.hpp>

#include "executor.hpp"
#include "input_normalisation.hpp"
#include "placed_model.hpp"
#include "probe.hpp"
#include "script_errors.hpp"
#include "script_graph.hpp"
#include "script_placement.hpp"
#include "tap_means.hpp"

namespace cuebench {
namespace {

namespace jit = torch::jit;

/// The interpreter reports a whole traceback; its last line says what happened.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t end = text.rfind('\n');
  return end == std::string::npos ? text : text.substr(end + 1);
}

struct ScriptProgram {
  std::string model;
  jit::Code code;
  InputNormalisation normalisation;

  ForwardTensors run(const at::Tensor& images, const at::Tensor& factors = {}) const {
    jit::Stack stack{normalisation.apply(images)};
    if (factors.defined()) stack.emplace_back(factors);
    try {
      jit::InterpreterState(code).run(stack);
    } catch (const std::exception& error) {
      throw UsageError(model + " failed on images of " +
                       describe_size({images.size(1), images.size(2), images.size(3)}) + ": " +
                       last_line(error.what()));
    }
    ForwardTensors result{stack.at(0).toTensor(), {}};
    for (std::size_t i = 1; i < stack.size(); ++i) result.taps.push_back(stack[i].toTensor());
    const at::ScalarType type = result.logits.scalar_type();
    if (result.logits.dim() != 2 || result.logits.size(0) != images.size(0) ||
        (type != at::kFloat && type != normalisation.type))
      throw UsageError(model + " does not return float logits [images, classes]; export the classifier itself");
    return result;
  }
};

std::shared_ptr<const ScriptProgram> compile(const std::shared_ptr<jit::Graph>& graph, const ModelSpec& spec,
                                             const InputNormalisation& normalisation) {
  return std::make_shared<const ScriptProgram>(
      ScriptProgram{describe_model(spec), jit::Code(graph, spec.name), normalisation});
}

Inference infer(const ScriptProgram& program, const at::Tensor& images) {
  const ForwardTensors tensors = program.run(images);
  Inference inference{to_vector(tensors.logits), {}};
  for (const at::Tensor& tap : tensors.taps) inference.taps.push_back(spatial_means(tap));
  return inference;
}

Executor make_plain_executor(const std::shared_ptr<const ScriptProgram>& program) {
  Executor executor;
  executor.infer = [program](const at::Tensor& images) { return infer(*program, images); };
  executor.differentiate = [program](const at::Tensor& images, TapGradients gradients) {
    // Every tap is computed from the images, so that recording from there reaches all of them.
    return program->run(gradients == TapGradients::yes ? images.detach().requires_grad_(true) : images);
  };
  return executor;
}

jit::Module load_module(const ModelSpec& spec) {
  try {
    jit::Module module = jit::load(spec.file.string(), at::kCPU);
    module.eval();
    for (const at::Tensor& parameter : module.parameters())
      if (parameter.scalar_type() != at::kFloat) {
        module.to(at::kFloat);
        break;
      }
    return module;
  } catch (const std::exception& error) {
    throw UsageError(describe_model(spec) + ' ' + script_load_problem(error.what()));
  }
}

/// Integers have no derivative: LibTorch would go on without one, or stop in the middle of a run.
void forbid_gradients(LoadedModel& loaded, const ModelSpec& spec) {
  loaded.plain.differentiate = [model = describe_model(spec)](const at::Tensor&, TapGradients) -> ForwardTensors {
    throw UsageError(model +
                     " is quantised to 8-bit integers, so no gradient passes through it; attack the float32 model, and "
                     "measure channels there");
  };
  for (std::vector<double>& weights : loaded.closed_form) weights.clear();
  loaded.info.notes.push_back(std::string("its weights are quantised to 8-bit integers (engine ") +
                              at::toString(at::globalContext().qEngine()) +
                              "): other engines and processors round otherwise, and there are no gradients");
}

std::vector<NodeShape> sizes_to_try(const ModelSpec& spec, const NodeShape& hint, std::int64_t channels) {
  const NodeShape& own = spec.sidecar.input_size;
  const bool luma = channels == 1 && !hint.empty() && hint[0] == 3;
  if (!own.empty() && !hint.empty() && (hint[1] != own[1] || hint[2] != own[2]))
    throw UsageError(describe_model(spec) + " takes images of " + describe_size(own) + ", not " + describe_size(hint) +
                     "; choose a preset with that size");
  if (!hint.empty()) {
    if (channels != 0 && hint[0] != channels && !luma)
      throw UsageError(describe_model(spec) + " takes images of " + std::to_string(channels) + " channels, not " +
                       std::to_string(hint[0]) + "; choose another data set or model");
    return {{luma ? 1 : hint[0], hint[1], hint[2]}};
  }
  if (!own.empty()) return {own};
  const std::int64_t c = channels == 0 ? 3 : channels;
  if (c == 1) return {{1, 28, 28}, {1, 32, 32}, {1, 224, 224}};
  return {{c, 224, 224}, {c, 32, 32}, {c, 64, 64}, {c, 299, 299}};
}

/// Runs every tap once to learn its shape.
std::vector<TapInfo> describe_taps(const ScriptGraph& flat, const ScriptProgram& program, const at::Tensor& images) {
  const c10::InferenceMode inference_mode;
  const ForwardTensors tensors = program.run(images);
  std::vector<TapInfo> taps;
  for (std::size_t i = 0; i < flat.taps.size(); ++i) {
    const at::Tensor& tensor = tensors.taps[i];
    if (tensor.dim() < 2 || tensor.size(0) != images.size(0) || tensor.scalar_type() != at::kFloat) continue;
    taps.push_back({flat.taps[i], tensor.sizes().slice(1).vec()});
  }
  return taps;
}

/// The first size that the module runs on.
std::vector<TapInfo> find_size(LoadedModel& loaded, const ScriptGraph& flat, const ModelSpec& spec,
                               const NodeShape& hint, const InputNormalisation& normalisation) {
  const auto program = compile(with_outputs(flat, flat.taps), spec, normalisation);
  const std::vector<NodeShape> sizes = sizes_to_try(spec, hint, first_convolution_channels(*flat.graph));
  for (std::size_t i = 0;; ++i) {
    loaded.probe_size = sizes[i];
    try {
      return describe_taps(flat, *program, probe_images(sizes[i]));
    } catch (const UsageError&) {
      if (i + 1 == sizes.size()) throw;
    }
  }
}

const TapInfo& find_tap(const std::vector<TapInfo>& available, const std::string& name, const ModelSpec& spec) {
  std::vector<std::string> names;
  for (const TapInfo& tap : available) {
    if (tap.name == name) return tap;
    names.push_back(tap.name);
  }
  const std::string none = names.empty() ? "; it was saved without its submodules, so it has no taps" : "";
  throw UsageError(describe_model(spec) + ": " +
                   unknown_name_message("tap", name, names, "`cuebench inspect " + spec.file.string() + "` lists all") +
                   none);
}

}  // namespace

LoadedModel load_script_model(const ModelSpec& spec, const std::vector<std::string>& taps, const NodeShape& input_hint,
                              const Placement& placement) {
  if (spec.constant_factors)
    throw UsageError(describe_model(spec) + " is TorchScript, whose CIFS modules are not known: leave factors out");
  const jit::Module module = load_module(spec);
  const ScriptGraph flat = flatten_module(module, describe_model(spec));
  LoadedModel loaded;
  loaded.placement = placement;
  loaded.info.architecture = "torchscript";
  loaded.info.format = to_string(CheckpointFormat::torchscript);
  for (const at::Tensor& parameter : module.parameters()) loaded.info.parameters += parameter.numel();

  const std::int64_t channels = first_convolution_channels(*flat.graph);
  const InputNormalisation normalisation =
      make_input_normalisation(spec.sidecar, channels == 0 ? 3 : channels, describe_model(spec));
  loaded.available = find_size(loaded, flat, spec, input_hint, normalisation);
  loaded.info.input = loaded.probe_size;
  for (const std::string& tap : taps) loaded.chosen.push_back(find_tap(loaded.available, tap, spec));

  std::shared_ptr<jit::Graph> graph = with_outputs(flat, taps);
  for (std::size_t i = 0; i < taps.size(); ++i) loaded.closed_form.push_back(linear_head_weights(*graph, i + 1));
  place_executors(loaded, [&](at::ScalarType type) {
    const bool as_it_is = type == at::kFloat && placement.device.is_cpu();
    return make_plain_executor(compile(as_it_is ? graph->copy() : place_graph(*graph, placement.device, type), spec,
                                       place_normalisation(normalisation, placement.device, type)));
  });
  std::vector<std::shared_ptr<const ScriptProgram>> scaled;
  for (const std::string& tap : taps)
    scaled.push_back(compile(place_graph(*with_factors(flat, tap), placement.device, at::kFloat), spec,
                             place_normalisation(normalisation, placement.device, at::kFloat)));
  loaded.plain.infer_with_factors = [scaled, shapes = loaded.chosen](const at::Tensor& images,
                                                                     const FactorPasses& passes) {
    const auto dimensions = static_cast<std::int64_t>(shapes.at(passes.tap).shape.size()) + 1;
    for (std::size_t i = 0; i < passes.count; ++i)
      passes.visit(i, scaled[passes.tap]->run(images, passes.factors(dimensions, i)).logits);
  };
  loaded.plain_name = "script";
  if (is_quantised(*flat.graph)) {
    forbid_gradients(loaded, spec);
  } else if (is_default(placement) && at::globalContext().hasMKLDNN() && convert_to_blocked(graph)) {
    const auto program = compile(graph, spec, normalisation);
    const Executor blocked{[program](const at::Tensor& images) { return infer(*program, images); }, {}, {}};
    loaded.faster.push_back({"script-mkldnn", ExecutionWay::blocked, [blocked] { return blocked; }});
  }
  return loaded;
}

}  // namespace cuebench
