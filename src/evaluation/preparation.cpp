#include "preparation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/threads.hpp>
#include <cuebench/datasets/pairing.hpp>
#include <cuebench/models/script_network.hpp>
#include <cuebench/scoring/trial_writer.hpp>

#include "attacked_batch.hpp"
#include "first_images.hpp"
#include "placed_run.hpp"

namespace cuebench {
namespace {

/// The first image that decodes; its size decides what "none" means and whether models fit.
Image first_good_image(const Dataset& dataset, const std::vector<std::size_t>& chosen) {
  std::string reason;
  for (const std::size_t index : chosen) {
    try {
      return dataset.load_image(index);
    } catch (const ImageError& error) {
      if (reason.empty()) reason = fmt::format("{}: {}", dataset.items[index].id, error.what());
    }
  }
  throw UsageError(fmt::format("no image of '{}' can be read; the first one is {}", dataset.source, reason));
}

/// The model's own preset, else --preset, else `none` where the images have the model's size, else the ImageNet one.
Preset choose_preset(const ModelSpec& spec, const EvaluationRequest& request, const Image& example) {
  if (!spec.preset.empty()) return parse_preset(spec.preset);
  if (!request.preset.empty()) return parse_preset(request.preset);
  const auto& size = spec.sidecar.input_size;
  if (size.size() == 3 && (size[1] != example.height || size[2] != example.width)) {
    if (size[1] == 224 && size[2] == 224) return parse_preset("imagenet");
    throw UsageError(fmt::format("model '{}' takes {}x{} images and '{}' has {}x{}: choose the geometry with --preset",
                                 spec.name, size[1], size[2], request.data, example.height, example.width));
  }
  // Without a stated size, photographs of many sizes are taken for ImageNet-like ones, small images for CIFAR-like.
  return parse_preset(size.empty() && std::max(example.height, example.width) > 96 ? "imagenet" : "none");
}

int geometry_of(std::vector<Geometry>& geometries, const Preset& preset, const Image& example) {
  for (std::size_t g = 0; g < geometries.size(); ++g)
    if (geometries[g].preset == preset) return static_cast<int>(g);
  const Image fitted = apply_preset(preset, example);
  geometries.push_back({preset, fitted.height, fitted.width});
  return static_cast<int>(geometries.size()) - 1;
}

/// Layers of one model: entries "LAYER" go to every model, "MODEL:LAYER" to that one.
std::vector<std::string> layers_for(const std::string& model, const std::vector<std::string>& typed) {
  std::vector<std::string> layers;
  for (const auto& entry : typed) {
    const auto colon = entry.find(':');
    if (colon != std::string::npos && entry.substr(0, colon) != model) continue;
    std::string layer = colon == std::string::npos ? entry : entry.substr(colon + 1);
    if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(std::move(layer));
  }
  return layers;
}

void check_layer_owners(const std::vector<ModelSpec>& specs, const std::vector<std::string>& typed) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  for (const auto& entry : typed) {
    const auto colon = entry.find(':');
    if (colon == std::string::npos) continue;
    const std::string owner = entry.substr(0, colon);
    if (std::find(names.begin(), names.end(), owner) == names.end())
      throw UsageError(unknown_name_message("model in --channels", owner, names, "written MODEL:LAYER"));
  }
}

std::vector<ModelSpec> parse_models(const std::vector<std::string>& typed) {
  if (typed.empty()) throw UsageError("no model is given: add --model NAME=FILE, once for each model");
  std::vector<ModelSpec> specs;
  std::set<std::string> names;
  for (const auto& text : typed) {
    specs.push_back(parse_model_spec(text));
    if (!names.insert(specs.back().name).second)
      throw UsageError(fmt::format("two models are named '{}': give each --model its own name", specs.back().name));
  }
  return specs;
}

std::vector<InterventionRequest> parse_interventions(const EvaluationRequest& request,
                                                     const std::vector<ModelSpec>& specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  std::vector<InterventionRequest> interventions;
  for (const auto& text : request.interventions) interventions.push_back(parse_intervention(text, names));
  return interventions;
}

bool concerns(const InterventionRequest& intervention, const std::string& model) {
  return intervention.model.empty() || intervention.model == model;
}

/// Layers that are measured, then those that are only changed: a layer is there once.
std::vector<std::string> taps_of(const std::string& model, const EvaluationRequest& request,
                                 const std::vector<InterventionRequest>& interventions) {
  std::vector<std::string> taps = layers_for(model, request.channels);
  for (const InterventionRequest& intervention : interventions)
    if (concerns(intervention, model) && std::find(taps.begin(), taps.end(), intervention.layer) == taps.end())
      taps.push_back(intervention.layer);
  return taps;
}

void load_models(const EvaluationRequest& request, const Image& example, Preparation& run) {
  const auto specs = parse_models(request.models);
  check_layer_owners(specs, request.channels);
  const auto interventions = parse_interventions(request, specs);
  for (const auto& spec : specs) {
    const Preset preset = choose_preset(spec, request, example);
    const int geometry = geometry_of(run.geometries, preset, example);
    const NodeShape input = {3, run.geometries[std::size_t(geometry)].height,
                             run.geometries[std::size_t(geometry)].width};
    Model model =
        Model::load(spec, taps_of(spec.name, request, interventions), input, ExecutionWay::automatic, run.placement);
    run.models.push_back({std::move(model), {}, geometry, {}, false});
    if (spec.constant_factors) run.models_with_constant_factors.push_back(spec.name);
  }
}

/// What the models say about their outputs.
struct ModelClasses {
  std::vector<std::string> names;
  std::vector<int> outputs;
  std::vector<std::vector<std::string>> classes;
  std::vector<std::string> mapping_sources;  ///< of --class-mapping; "" where none concerns the model
};

ModelClasses classes_of_models(const EvaluationRequest& request, const Preparation& run) {
  ModelClasses models;
  for (const auto& prepared : run.models) {
    const auto& info = prepared.model.info();
    models.names.push_back(info.name);
    models.outputs.push_back(info.classes);
    models.classes.push_back(info.class_names);
  }
  models.mapping_sources = class_mapping_sources(request.class_mappings, models.names);
  return models;
}

/// All 16 categories where all models are read through them: whoever made the stimuli, a model decides among 16.
ClassSpace space_of(const Preparation& run, const ModelClasses& models) {
  const auto& classes = run.dataset.classes;
  bool entry_level = goes_to_entry_level(classes, 1000, {});
  bool asked = run.dataset.has_cues;
  for (std::size_t m = 0; m < models.names.size(); ++m) {
    const bool mapped = !models.mapping_sources[m].empty();
    asked = asked || mapped;
    entry_level = entry_level && (mapped || goes_to_entry_level(classes, models.outputs[m], models.classes[m]));
  }
  if (entry_level && asked) return entry_level_space(classes);
  return choose_class_space(classes, models.names, models.outputs, models.classes);
}

void settle_classes(const EvaluationRequest& request, Preparation& run) {
  const ModelClasses models = classes_of_models(request, run);
  run.classes = space_of(run, models);
  if (!run.classes.note.empty()) run.notes.push_back(run.classes.note);
  for (std::size_t m = 0; m < run.models.size(); ++m) {
    if (const std::string& source = models.mapping_sources[m]; !source.empty()) {
      auto& mapping = run.class_mappings[models.names[m]];
      mapping = read_class_mapping(source, {models.names[m], models.outputs[m], models.classes[m]}, run.classes.names);
      run.models[m].outputs = map_categories(run.classes, mapping);
    } else {
      run.models[m].outputs = map_outputs(run.classes, models.names[m], models.outputs[m], models.classes[m]);
    }
    run.models[m].outputs.aggregation = run.aggregation;
    if (!run.models[m].outputs.identity() && !run.models[m].model.taps().empty())
      throw UsageError(
          fmt::format("channel statistics of model '{}' need the classes that it was trained on, and its "
                      "outputs are mapped to other ones here: drop --channels or use such data",
                      models.names[m]));
  }
}

/// Images on which some model could not decide for the label, the shape or the texture are no images of this run, so
/// that all numbers of all models are over the same ones.
void leave_out_what_models_lack(Preparation& run) {
  std::set<std::string> lacking;
  const auto lacked = [&](int label) {
    if (label < 0) return false;
    const int in_run = run.classes.of_dataset_class[static_cast<std::size_t>(label)];
    const bool found = std::any_of(run.models.begin(), run.models.end(),
                                   [&](const PreparedModel& model) { return model.outputs.lacks(in_run); });
    if (found) lacking.insert(run.classes.names[static_cast<std::size_t>(in_run)]);
    return found;
  };
  const auto items = run.chosen.size();
  std::erase_if(run.chosen, [&](std::size_t index) {
    const Item& item = run.dataset.items[index];
    const bool label = lacked(item.label), shape = lacked(item.shape_label), texture = lacked(item.texture_label);
    return label || shape || texture;
  });
  run.left_out = static_cast<std::int64_t>(items - run.chosen.size());
  if (run.left_out == 0) return;
  run.lacking.assign(lacking.begin(), lacking.end());
  if (run.chosen.empty())
    throw UsageError(
        fmt::format("no image of '{}' is left: for the label, shape or texture of each a model has no "
                    "output ({}); use other data, or give the model more categories with --class-mapping",
                    run.dataset.source, fmt::join(run.lacking, ", ")));
  run.notes.push_back(
      fmt::format("{} of {} images are left out, since a model has no output for their label, shape or "
                  "texture: {}",
                  run.left_out, items, fmt::join(run.lacking, ", ")));
}

/// Found before the work, not after it.
void check_trials(const EvaluationRequest& request, const Preparation& run) {
  if (!request.exports_trials) return;
  std::vector<std::string> models;
  for (const auto& prepared : run.models) models.push_back(prepared.model.info().name);
  scoring::require_trial_categories(run.classes.names);
  scoring::require_trial_observers(models);
}

void make_variants(const EvaluationRequest& request, Preparation& run) {
  std::vector<std::string> texts = {"clean"};
  if (!request.suite.empty())
    for (const auto& variant : find_suite(request.suite).variants) texts.emplace_back(variant);
  texts.insert(texts.end(), request.variants.begin(), request.variants.end());
  if (texts.size() == 1)
    texts.insert(texts.end(), find_suite("shape-texture").variants.begin(), find_suite("shape-texture").variants.end());
  const TransformResources resources{request.styles, request.seed, open_script_network};
  std::set<std::string> seen;
  for (const auto& text : texts) {
    PlannedVariant variant = plan_variant(text, resources);
    if (seen.insert(variant.text).second) run.variants.push_back(std::move(variant));
  }
}

int default_batch(const std::vector<Geometry>& geometries, const at::Device& device) {
  std::int64_t pixels = 0;
  for (const auto& geometry : geometries) pixels = std::max(pixels, std::int64_t{geometry.height} * geometry.width);
  // A GPU is idle on small batches, and its memory holds these beside any usual model.
  if (!device.is_cpu()) return pixels <= 64 * 64 ? 256 : 64;
  // Measured: small images gain from full batches, at 224 px the activations of more than four leave the cache.
  return pixels <= 64 * 64 ? 64 : pixels <= 128 * 128 ? 16 : 4;
}

/// A bound on what one chunk holds in the host's memory: decoded images, one variant as bytes and as floats, and the
/// model's activations where they are on the CPU.
std::int64_t chunk_bytes(const Preparation& run, const Image& example) {
  std::int64_t pixels = 0;
  for (const auto& geometry : run.geometries) pixels = std::max(pixels, std::int64_t{geometry.height} * geometry.width);
  // A ResNet-50 at 224 px holds about 8 MB an image at once; for a backward pass every activation, about 90 MB.
  const bool attacked =
      std::any_of(run.variants.begin(), run.variants.end(), [](const auto& v) { return v.attack.has_value(); });
  const std::int64_t activation_floats_per_pixel = !run.placement.device.is_cpu() ? 0 : attacked ? 512 : 64;
  const std::int64_t decoded = std::int64_t{example.height} * example.width * 3 * (run.partners.empty() ? 1 : 2);
  return run.batch * (decoded + pixels * 3 * (1 + 1 + 4) + pixels * activation_floats_per_pixel * 4);
}

void settle_sizes(const EvaluationRequest& request, const Image& example, Preparation& run) {
  run.threads = request.threads > 0 ? request.threads : available_cores();
  run.batch = request.batch > 0 ? request.batch : default_batch(run.geometries, run.placement.device);
  run.batch = std::min(run.batch, request.block);
  const std::int64_t machine = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  const std::int64_t budget = request.memory_mib > 0 ? request.memory_mib << 20 : machine / 4;
  const std::int64_t each = chunk_bytes(run, example);
  if (budget < each)
    throw UsageError(
        fmt::format("--memory {} MiB is too little for one batch of {} images (about {} MiB): raise it or "
                    "lower --batch",
                    request.memory_mib, run.batch, (each >> 20) + 1));
  run.live_chunks = static_cast<int>(std::clamp<std::int64_t>(budget / each, 1, 2 * std::int64_t{run.threads}));
}

/// The images that the report shows: spread over the run, so over the classes.
std::vector<bool> choose_pictures(std::size_t items, int wanted) {
  std::vector<bool> pictured(items, false);
  const std::size_t count = std::min(items, static_cast<std::size_t>(std::max(0, wanted)));
  for (std::size_t i = 0; i < count; ++i) pictured[(2 * i + 1) * items / (2 * count)] = true;
  return pictured;
}

/// Texts name a network by its path; what it computes is in the file.
nlohmann::json network_digests(const Preparation& run) {
  nlohmann::json digests = nlohmann::json::object();
  for (const auto& variant : run.variants)
    for (const auto& file : variant.transform.files()) digests[file.string()] = sha256_of_file(file);
  return digests;
}

/// Chooses partners where a variant wants them; then shape and texture labels are those of the pairs. Where the data
/// cannot give any, the variants of the suite that want them are left out with a note.
void pair_items(const EvaluationRequest& request, Preparation& run) {
  const auto wants = [](const PlannedVariant& variant) { return variant.transform.uses_partner; };
  if (std::none_of(run.variants.begin(), run.variants.end(), wants)) return;
  try {
    run.partners = conflict_partners(run.dataset, request.seed);
  } catch (const UsageError& error) {
    for (const auto& text : request.variants)
      if (wants(plan_variant(text, {request.styles, request.seed, open_script_network}))) throw;
    run.notes.push_back(fmt::format("left out of the suite: {}", error.what()));
    std::erase_if(run.variants, wants);
    return;
  }
  run.dataset = with_conflict_labels(std::move(run.dataset), run.partners);
}

/// What decides results, and nothing else: the same text means the same numbers.
std::string configuration_text(const EvaluationRequest& request, const Preparation& run) {
  nlohmann::json geometry = nlohmann::json::array();
  for (const auto& prepared : run.models)
    geometry.push_back(run.geometries[std::size_t(prepared.geometry)].preset.canonical());
  nlohmann::json text = {
      {"data", run.dataset.digest},
      {"seed", request.seed},
      {"batch", run.batch},
      {"block", request.block},
      {"limit", request.limit},
      {"pictures", request.pictures},
      {"pairs", request.pairs},
      {"presets", geometry},
      {"partition", std::string(to_string(run.partition.partition))},
      {"relevance_threshold", run.partition.relevance_threshold},
      {"styles", request.styles.string()},
      {"masks", request.masks.string()},
      {"exif_orientation", request.apply_exif_orientation},
  };
  // Only where they are not what they always were, so that earlier runs can be continued.
  if (run.aggregation != Aggregation::mean) text["aggregation"] = request.aggregation;
  if (!run.class_mappings.empty()) text["class_mapping"] = run.class_mappings;
  if (run.left_out > 0) text["left_out"] = {{"images", run.left_out}, {"no_output_for", run.lacking}};
  if (run.relevance != RelevanceKind::true_class) text["relevance"] = request.relevance;
  if (!request.interventions.empty()) text["intervene"] = request.interventions;
  if (auto digests = network_digests(run); !digests.empty()) text["networks"] = std::move(digests);
  if (run.models_with_constant_factors.size() > 0) text["constant_factors"] = run.models_with_constant_factors;
  record_placement(text, run.placement);
  return text.dump();
}

void describe(const EvaluationRequest& request, Preparation& run) {
  RunDescription& description = run.description;
  description.configuration = configuration_text(request, run);
  description.classes = run.classes.names;
  description.block_size = request.block;
  description.has_cues = run.dataset.has_cues;
  for (const auto& variant : run.variants) description.variants.push_back({variant.text, variant.keeps});

  const auto in_run = [&](int label) {
    return label < 0 ? -1 : run.classes.of_dataset_class[static_cast<std::size_t>(label)];
  };
  for (const std::size_t index : run.chosen) {
    const Item& item = run.dataset.items[index];
    description.items.push_back({item.id, in_run(item.label), in_run(item.shape_label), in_run(item.texture_label)});
  }
  for (std::size_t m = 0; m < run.models.size(); ++m) {
    PreparedModel& prepared = run.models[m];
    const ModelInfo& info = prepared.model.info();
    const auto& taps = prepared.model.taps();
    for (std::size_t t = 0; t < taps.size(); ++t) {
      const bool closed = !prepared.model.closed_form_weights(t).empty();
      prepared.layers.push_back(static_cast<int>(description.layers.size()));
      prepared.needs_gradients = prepared.needs_gradients || !closed;
      description.layers.push_back(
          {static_cast<int>(m), taps[t].name, static_cast<int>(taps[t].shape.front()), closed ? "closed" : "gradient"});
    }
    description.models.push_back({info.name, info.role, info.architecture, info.file, info.sha256,
                                  prepared.needs_gradients ? way_with_gradients(run.placement) : info.way, info.classes,
                                  info.parameters});
  }
}

void plan_interventions(const EvaluationRequest& request, Preparation& run) {
  RunDescription& description = run.description;
  run.interventions.resize(description.layers.size());
  std::vector<std::string> names;
  for (const auto& model : description.models) names.push_back(model.name);
  for (const auto& text : request.interventions) {
    const InterventionRequest wanted = parse_intervention(text, names);
    for (std::size_t layer = 0; layer < description.layers.size(); ++layer) {
      const StoredLayer& stored = description.layers[layer];
      if (stored.name != wanted.layer || !concerns(wanted, names[static_cast<std::size_t>(stored.model)])) continue;
      for (ChannelIntervention& what : expand(wanted, stored.channels)) {
        PlannedIntervention planned{static_cast<int>(description.interventions.size()), {}, wanted.of, {}};
        if (what.draw >= 0) planned.random_ranks = random_ranks(request.seed, stored.name, what.draw, stored.channels);
        description.interventions.push_back({static_cast<int>(layer), std::string(to_string(what.action)),
                                             std::string(to_string(wanted.of)), what.setting, what.draw});
        planned.what = std::move(what);
        run.interventions[layer].push_back(std::move(planned));
      }
    }
  }
}

/// Looks at the taps on a few images before anything is stored: relevance must be there, and PR and NR totals mean
/// something only where no activation is negative.
void check_taps(Preparation& run) {
  constexpr std::size_t kImages = 4;
  for (const PreparedModel& prepared : run.models) {
    if (prepared.layers.empty()) continue;
    const FirstImages first = first_images(run, prepared, kImages);
    std::vector<std::int64_t> labels;
    for (const std::size_t item : first.items) labels.push_back(run.description.items[item].label);
    const auto taps = prepared.needs_gradients
                          ? prepared.model.infer_with_relevance(first.images, labels, run.relevance).inference.taps
                          : prepared.model.infer(first.images).taps;
    for (std::size_t tap = 0; tap < taps.size(); ++tap)
      if (std::any_of(taps[tap].values.begin(), taps[tap].values.end(), [](double value) { return value < 0; }))
        run.notes.push_back(fmt::format(
            "layer '{}' of model '{}' has negative activations, so its PR and NR totals and shares are undefined: name "
            "the ReLU behind it; alignment and correlations are measured all the same",
            prepared.model.taps()[tap].name, prepared.model.info().name));
  }
}

/// @throws UsageError for a pair that names no model.
void check_pairs(const EvaluationRequest& request, const Preparation& run) {
  std::vector<std::string> names;
  for (const auto& model : run.description.models) names.push_back(model.name);
  for (const auto& pair : request.pairs) {
    const auto colon = pair.find(':');
    if (colon == std::string::npos) throw UsageError(fmt::format("--pair '{}' is not written ROBUST:STANDARD", pair));
    for (const std::string& name : {pair.substr(0, colon), pair.substr(colon + 1)})
      if (std::find(names.begin(), names.end(), name) == names.end())
        throw UsageError(unknown_name_message("model in --pair", name, names, "names are those of --model"));
  }
}

void check_labels(const Preparation& run) {
  if (run.description.layers.empty()) return;
  for (const auto& item : run.description.items)
    if (item.label < 0)
      throw UsageError(
          fmt::format("channel statistics need a label for every image, and '{}' has none: drop --channels "
                      "or label the data",
                      item.id));
}

void check_numbers(const EvaluationRequest& request) {
  if (request.out.empty()) throw UsageError("no run folder is given: add --out FOLDER");
  if (request.data.empty()) throw UsageError("no data is given: add --data SRC, a folder, archive, list or KIND:PATH");
  if (request.block < 1 || request.block > 65536) throw UsageError("--block must lie between 1 and 65536 images");
  if (request.shards < 1 || request.shard < 0 || request.shard >= request.shards)
    throw UsageError(fmt::format("--shard {}/{} is not i/n with 0 <= i < n", request.shard, request.shards));
  if (!(request.relevance_threshold >= 0 && request.relevance_threshold < 1))
    throw UsageError("--relevance-threshold must lie in [0, 1)");
}

}  // namespace

bool needs_relevance_pass(const Preparation& run, std::size_t layer) {
  if (run.partition.partition != Partition::class_clean && run.interventions[layer].empty()) return false;
  // The closed form of the true class is the head's weights, whatever the images.
  return run.description.layers[layer].form == "gradient" || run.relevance == RelevanceKind::top2;
}

Preparation prepare(const EvaluationRequest& request) {
  check_numbers(request);
  Preparation run;
  run.partition = {parse_partition(request.partition), request.relevance_threshold};
  run.relevance = parse_relevance(request.relevance);
  run.aggregation = parse_aggregation(request.aggregation);
  settle_placement(request, run);
  make_variants(request, run);
  OpenOptions options;
  options.masks = request.masks;
  options.decode.apply_exif_orientation = request.apply_exif_orientation;
  run.dataset = open_dataset(request.data, options);
  run.notes = run.dataset.notes;
  run.chosen = spread_items(run.dataset.items.size(), request.limit);
  pair_items(request, run);
  const Image example = first_good_image(run.dataset, run.chosen);
  prepare_libtorch();
  load_models(request, example, run);
  settle_classes(request, run);
  leave_out_what_models_lack(run);
  check_trials(request, run);
  settle_sizes(request, example, run);
  run.pictured = choose_pictures(run.chosen.size(), request.pictures);
  describe(request, run);
  plan_interventions(request, run);
  check_labels(run);
  check_taps(run);
  check_attacks(run, request.seed);
  check_pairs(request, run);
  return run;
}

}  // namespace cuebench
