#include "torch_doctor_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/models/model.hpp>
#include <cuebench/models/placement.hpp>
#include <cuebench/models/reference_check.hpp>

namespace cuebench::cli {
namespace {

constexpr int kImagesWithoutReference = 3;

void line(std::string_view what, std::string_view state) {
  fmt::print("{:<14} {}\n", what, state);
}

/// What LibTorch is and what it reaches here.
void print_libtorch_facts() {
  const LibtorchFacts facts = measure_libtorch();
  const ComputeFacts compute = find_compute_facts();
  line("LibTorch", fmt::format("{}, {}, {} thread(s) a worker{}", facts.version, facts.capability, facts.threads,
                               compute.cuda_build ? ", CUDA" : ", no CUDA"));
  for (std::size_t gpu = 0; gpu < compute.gpus.size(); ++gpu)
    line("GPU", describe_device(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(gpu)), compute));
  if (compute.cuda_build && compute.gpus.empty()) line("GPU", "none that LibTorch sees");
  line("BLAS", fmt::format("{}: {:.0f} GFLOP/s on one core (matrix product){}", facts.blas, facts.sgemm_gflops,
                           facts.slow_blas ? ": this is the slow reference BLAS; install libopenblas0-pthread" : ""));
  line("convolution", fmt::format("{:.0f} GFLOP/s on one core", facts.convolution_gflops));
}

std::string size_of(const NodeShape& shape) {
  std::vector<std::string> extents;
  for (const std::int64_t extent : shape) extents.push_back(extent == 0 ? "any" : std::to_string(extent));
  return fmt::format("{}", fmt::join(extents, " x "));
}

/// What the model takes, with its architecture's usual height and width where it takes any.
NodeShape usual_size(const ModelInfo& info) {
  if (info.input.at(1) != 0 && info.input.at(2) != 0) return info.input;
  const std::string name = info.architecture.substr(0, info.architecture.find(':'));
  const NodeShape& usual = find_architecture(name).default_input;
  return {info.input[0], usual.at(1), usual.at(2)};
}

/// The plain way first. A way that does not fit this model is left out: the notes of the chosen one say why.
std::vector<Model> load_every_way(const ModelSpec& spec) {
  std::vector<Model> ways;
  for (const ExecutionWay way : ways_for(checkpoint_format(spec.file))) {
    try {
      ways.push_back(Model::load(spec, {}, spec.sidecar.reference.size, way));
    } catch (const UsageError&) {
      if (way == ExecutionWay::plain) throw;
    }
  }
  return ways;
}

void print_facts(const Model& model) {
  const ModelInfo& info = model.info();
  line("model", fmt::format("{} ({})", info.name, info.file));
  line("architecture", fmt::format("{}, {} parameters", info.architecture, info.parameters));
  line("input", size_of(info.input));
  line("classes", fmt::format("{}{}", info.classes, info.class_names.empty() ? ", without names" : ", named"));
  line("taps", fmt::format("{}", model.available_taps().size()));
  for (const std::string& note : info.notes) line("note", note);
}

std::string describe(const LogitDifference& difference) {
  return fmt::format("{:.1e} of the largest logit, top-1 agrees on {} of {} images", difference.relative,
                     difference.same_top1, difference.images);
}

/// Prints a line for each way; says whether all of them pass.
bool compare_every_way(const std::vector<Model>& ways, const ReferenceLogits& reference) {
  bool passes = true;
  double spread = 0;
  for (const Model& way : ways) {
    const LogitDifference difference = compare_with_reference(way, reference);
    line(way.info().way, fmt::format("differs from the reference by {}: {}", describe(difference),
                                     difference.passes() ? "passes" : "fails"));
    passes = passes && difference.passes();
    spread = difference.spread;
  }
  if (spread < kLeastReferenceSpread)
    line("note",
         fmt::format("the reference logits of its images are only {:.1e} of the largest apart: this model hardly "
                     "looks at them, and a wrong mean or std may stay unseen",
                     spread));
  line("tolerance", fmt::format("{:.0e}: float32 sums in another order differ by about 1e-6; another mean, std or "
                                "channel order by 1e-2 and more",
                                kReferenceTolerance));
  return passes;
}

std::vector<std::vector<double>> rows(const std::vector<float>& logits, std::size_t classes) {
  std::vector<std::vector<double>> result;
  for (auto row = logits.begin(); row != logits.end(); row += static_cast<std::ptrdiff_t>(classes))
    result.emplace_back(row, row + static_cast<std::ptrdiff_t>(classes));
  return result;
}

void compare_ways_with_each_other(const std::vector<Model>& ways) {
  const ModelInfo& info = ways.back().info();
  const at::Tensor images = reference_images("hash_noise", kImagesWithoutReference, usual_size(info));
  const auto plain = rows(ways[0].infer(images).logits, static_cast<std::size_t>(info.classes));
  for (std::size_t way = 1; way < ways.size(); ++way)
    line(ways[way].info().way, fmt::format("differs from {} by {}", ways[0].info().way,
                                           describe(compare_logits(ways[way].infer(images).logits, plain))));
  if (ways.size() == 1) line(info.way, "the only way of computing here");
  line("reference", fmt::format("none in {}.json, so nothing was compared with the program that the model comes from; "
                                "scripts/export_torchscript.py writes it",
                                info.file));
}

/// What to change, for a model that does not compute what its reference says.
std::string diagnosis(const ModelSpec& spec) {
  const std::string cause = explain_difference(spec);
  if (!cause.empty()) return fmt::format("it does with {}: correct '{}.json'", cause, spec.file.string());
  return fmt::format(
      "likely causes are another mean, std or channel_order in '{}.json' than the model was exported with, or weights "
      "that are not those of the reference: export it again with scripts/export_torchscript.py",
      spec.file.string());
}

/// The sentence about a model that fails, or "".
std::string check_model(const ModelSpec& spec) {
  const std::vector<Model> ways = load_every_way(spec);
  print_facts(Model::load(spec, {}, spec.sidecar.reference.size));
  const ReferenceLogits& reference = spec.sidecar.reference;
  if (reference.logits.empty()) {
    compare_ways_with_each_other(ways);
    return "";
  }
  if (!reference.made_by.empty()) line("exported by", reference.made_by);
  if (compare_every_way(ways, reference)) return "";
  return fmt::format("model '{}' does not compute the reference logits: {}", spec.name, diagnosis(spec));
}

void check_models(const std::vector<std::string>& texts) {
  std::vector<ModelSpec> specs;
  for (const std::string& text : texts) specs.push_back(parse_model_spec(text));
  std::vector<std::string> failures;
  for (const ModelSpec& spec : specs) {
    if (&spec != &specs.front()) fmt::print("\n");
    if (const std::string failure = check_model(spec); !failure.empty()) failures.push_back(failure);
  }
  if (!failures.empty()) throw RunError(fmt::format("{}", fmt::join(failures, "; ")));
}

}  // namespace

std::function<void()> declare_torch_doctor(CLI::App& app, const CommonOptions&) {
  auto models = std::make_shared<std::vector<std::string>>();
  app.add_option("--model", *models, "Checkpoint to compare with the program that exported it")
      ->type_name("NAME=FILE[,...]")
      ->expected(1, -1);
  return [models] {
    prepare_libtorch();
    if (models->empty())
      print_libtorch_facts();
    else
      check_models(*models);
  };
}

}  // namespace cuebench::cli
