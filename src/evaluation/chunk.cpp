#include "chunk.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/pairing.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/metrics/cue_decision.hpp>

#include "attacked_batch.hpp"
#include "image_tensors.hpp"
#include "intervened_batch.hpp"
#include "mapped_outputs.hpp"

namespace cuebench {
namespace {

/// The good images of a chunk at one geometry, with their masks.
struct LoadedChunk {
  std::vector<std::size_t> items;  ///< of the run
  std::vector<Image> images;
  std::vector<std::optional<Plane>> masks;
  std::vector<std::optional<Partner>> partners;
  std::vector<int> labels;
};

struct Decoded {
  std::vector<std::size_t> items;
  std::vector<Image> images;
  std::vector<Image> partners;  ///< empty, or an image for each item (an empty one where it has no partner)
  std::vector<std::pair<std::int64_t, BadImage>> bad;
};

/// A model takes one size; without a resize or crop an image of another size cannot join the batch.
Image load_fitting(const Preparation& run, std::size_t index) {
  Image image = run.dataset.load_image(index);
  for (const auto& geometry : run.geometries) {
    const bool fixed = geometry.preset.resize_exact > 0 || geometry.preset.crop > 0;
    if (!fixed && (image.height != geometry.height || image.width != geometry.width))
      throw ImageError(fmt::format("is {}x{} where the first image is {}x{}, and the preset '{}' does not resize",
                                   image.height, image.width, geometry.height, geometry.width, geometry.preset.name));
  }
  return image;
}

Image load_partner(const Preparation& run, std::size_t index) {
  const std::size_t partner = run.partners[index];
  if (partner == kNoPartner) return {};
  try {
    return load_fitting(run, partner);
  } catch (const ImageError& error) {
    throw ImageError(fmt::format("the image that lends it its texture, '{}', cannot be used: {}",
                                 run.dataset.items[partner].id, error.what()));
  }
}

enum class Partners { leave, load };

Decoded decode_chunk(const Preparation& run, const Chunk& chunk, Partners partners) {
  const bool with_partners = partners == Partners::load && !run.partners.empty();
  Decoded decoded;
  for (std::size_t item = chunk.first; item < chunk.first + chunk.count; ++item) {
    const std::size_t index = run.chosen[item];
    try {
      Image image = load_fitting(run, index);
      if (with_partners) decoded.partners.push_back(load_partner(run, index));
      decoded.images.push_back(std::move(image));
      decoded.items.push_back(item);
    } catch (const ImageError& error) {
      const Item& bad = run.dataset.items[index];
      decoded.bad.emplace_back(static_cast<std::int64_t>(item), BadImage{bad.id, bad.bytes, error.what()});
    }
  }
  return decoded;
}

std::optional<Plane> fit_mask(const Preparation& run, std::size_t index, const Image& image, const Preset& preset) {
  if (!run.dataset.load_mask) return std::nullopt;
  const std::optional<Plane> mask = run.dataset.load_mask(index);
  if (!mask) return std::nullopt;
  return apply_preset(preset, *mask, image);
}

LoadedChunk fit(const Preparation& run, const Decoded& decoded, const Geometry& geometry) {
  LoadedChunk loaded;
  loaded.items = decoded.items;
  const bool masks =
      std::any_of(run.variants.begin(), run.variants.end(), [](const auto& v) { return v.transform.uses_mask; });
  for (std::size_t i = 0; i < decoded.items.size(); ++i) {
    const std::size_t index = run.chosen[decoded.items[i]];
    loaded.images.push_back(apply_preset(geometry.preset, decoded.images[i]));
    loaded.masks.push_back(masks ? fit_mask(run, index, decoded.images[i], geometry.preset) : std::nullopt);
    loaded.labels.push_back(run.description.items[decoded.items[i]].label);
    loaded.partners.emplace_back();
    if (decoded.partners.empty() || decoded.partners[i].empty()) continue;
    const std::size_t partner = run.partners[index];
    loaded.partners.back() =
        Partner{apply_preset(geometry.preset, decoded.partners[i]),
                fit_mask(run, partner, decoded.partners[i], geometry.preset), run.dataset.items[partner].id};
  }
  return loaded;
}

std::vector<TransformResult> apply_variant(const Preparation& run, const EvaluationRequest& request,
                                           const Variant& variant, const LoadedChunk& loaded) {
  std::vector<TransformResult> results;
  results.reserve(loaded.images.size());
  for (std::size_t i = 0; i < loaded.images.size(); ++i) {
    const StoredItem& item = run.description.items[loaded.items[i]];
    const TransformContext context{request.seed,
                                   item.id,
                                   variant.text,
                                   item.label,
                                   loaded.masks[i] ? &*loaded.masks[i] : nullptr,
                                   loaded.partners[i] ? &*loaded.partners[i] : nullptr};
    try {
      results.push_back(variant.apply(loaded.images[i], context));
    } catch (const ImageError& error) {
      // All images have the geometry's size by now, so that what one cannot take no other can.
      throw UsageError(fmt::format("variant {} cannot be made of '{}': {}", variant.text, item.id, error.what()));
    }
  }
  return results;
}

at::Tensor to_tensor(const std::vector<TransformResult>& results) {
  std::vector<const Image*> images;
  for (const TransformResult& result : results) images.push_back(&result.image);
  return to_tensor(images);
}

using AggregationRows = std::array<BlockRecord::AggregationRow, kAggregations.size()>;

AggregationRows empty_rows(int model, int variant) {
  AggregationRows rows;
  for (std::size_t a = 0; a < rows.size(); ++a) rows[a] = {model, variant, std::string(to_string(kAggregations[a]))};
  return rows;
}

void count_decisions(AggregationRows& rows, const StoredItem& item, const MappedOutcome& mapped) {
  const bool conflict = item.shape_label >= 0 && item.texture_label >= 0 && item.shape_label != item.texture_label;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    rows[a].labelled += item.label >= 0;
    rows[a].right += mapped.right[a];
    if (!conflict) continue;
    const CueDecision decision = cue_decision(mapped.decided[a], item.shape_label, item.texture_label);
    ++rows[a].conflict;
    rows[a].shape += decision == CueDecision::shape;
    rows[a].texture += decision == CueDecision::texture;
  }
}

void add_outcomes(const Preparation& run, const PreparedModel& prepared, int model, int variant,
                  const LoadedChunk& loaded, const Inference& inference, BlockRecord& record) {
  const std::size_t outputs = inference.logits.size() / loaded.items.size();
  AggregationRows rows = empty_rows(model, variant);
  for (std::size_t i = 0; i < loaded.items.size(); ++i) {
    const auto row = std::span(inference.logits).subspan(i * outputs, outputs);
    const auto item = static_cast<std::int64_t>(loaded.items[i]);
    if (prepared.outputs.identity()) {
      record.outcomes.push_back({item, model, variant, score_logits(row, loaded.labels[i])});
      continue;
    }
    const MappedOutcome mapped = score_mapped(row, prepared.outputs, loaded.labels[i]);
    record.outcomes.push_back({item, model, variant, mapped.outcome});
    count_decisions(rows, run.description.items[loaded.items[i]], mapped);
  }
  if (prepared.outputs.aggregates()) record.aggregations.insert(record.aggregations.end(), rows.begin(), rows.end());
}

/// Activations and relevances of every tap of one model on one variant.
struct Measured {
  std::vector<TapMeans> activation, relevance;
};

Measured measure(const PreparedModel& prepared, const at::Tensor& images, const std::vector<int>& labels,
                 RelevanceKind kind, Inference& inference) {
  Measured measured;
  std::vector<TapMeans> gradients;
  if (prepared.needs_gradients) {
    auto both = prepared.model.infer_with_relevance(images, {labels.begin(), labels.end()}, kind);
    inference = std::move(both.inference);
    gradients = std::move(both.relevance);
  } else {
    inference = prepared.model.infer(images);
  }
  for (std::size_t tap = 0; tap < inference.taps.size(); ++tap) {
    const TapInfo& expected = prepared.model.taps()[tap];
    if (inference.taps[tap].channels != expected.shape.front())
      throw UsageError(
          fmt::format("layer '{}' of model '{}' has {} channels on some images and {} on others: measure one "
                      "whose channels are always the same",
                      expected.name, prepared.model.info().name, expected.shape.front(), inference.taps[tap].channels));
    const auto& weights = prepared.model.closed_form_weights(tap);
    measured.relevance.push_back(
        weights.empty() ? std::move(gradients[tap])
                        : closed_form_relevance(weights, inference.taps[tap].channels, labels, inference.logits, kind));
  }
  measured.activation = std::move(inference.taps);
  return measured;
}

void add_channels(const Preparation& run, const PreparedModel& prepared, int variant, const LoadedChunk& loaded,
                  const Measured& measured, const Measured& clean, const LayerReferences& references,
                  BlockRecord& record) {
  for (std::size_t tap = 0; tap < prepared.layers.size(); ++tap) {
    const int layer = prepared.layers[tap];
    auto batch =
        measure_channels(measured.activation[tap], clean.activation[tap], measured.relevance[tap], clean.relevance[tap],
                         loaded.labels, run.partition, references[static_cast<std::size_t>(layer)]);
    record.channels.push_back({layer, variant, std::move(batch.moments)});
    for (std::size_t i = 0; i < loaded.items.size(); ++i)
      record.channel_images.push_back({static_cast<std::int64_t>(loaded.items[i]), layer, variant, batch.images[i]});
  }
}

/// Small enough to show many in one page.
std::vector<std::byte> thumbnail(const Image& image) {
  constexpr int kLongestSide = 96;
  const int longest = std::max(image.height, image.width);
  if (longest <= kLongestSide) return encode_png(image, 6);
  const auto scaled = [&](int side) { return std::max(1, side * kLongestSide / longest); };
  return encode_png(resize(image, scaled(image.height), scaled(image.width), Resampling::bilinear), 6);
}

void add_pictures_and_notes(const Preparation& run, int variant, bool first_geometry, const LoadedChunk& loaded,
                            const std::vector<TransformResult>& images, BlockRecord& record) {
  if (!first_geometry) return;  // one picture and one note an item are enough
  for (std::size_t i = 0; i < loaded.items.size(); ++i) {
    const auto item = static_cast<std::int64_t>(loaded.items[i]);
    if (!images[i].note.empty()) record.notes.push_back({item, variant, images[i].note});
    if (run.pictured[loaded.items[i]]) record.pictures.push_back({item, variant, thumbnail(images[i].image)});
  }
}

void add_note(TransformResult& result, std::string_view note) {
  if (!result.note.empty()) result.note += ';';
  result.note += note;
}

/// The report shows what the first model was attacked with.
void note_attack(const Preparation& run, const LoadedChunk& loaded, const PreparedModel& model,
                 const at::Tensor& attacked, std::vector<TransformResult>& images) {
  for (std::size_t i = 0; i < loaded.items.size(); ++i) {
    if (loaded.labels[i] < 0) add_note(images[i], "attack=none: the image has no label");
    if (!run.pictured[loaded.items[i]]) continue;
    images[i].image = to_image(attacked.select(0, static_cast<std::int64_t>(i)));
    add_note(images[i], fmt::format("picture=attack on {}", model.model.info().name));
  }
}

/// All models of one geometry on one variant.
void evaluate_variant(const Preparation& run, const EvaluationRequest& request, const LayerReferences& references,
                      const LoadedChunk& loaded, int geometry, int v, std::vector<Measured>& clean,
                      BlockRecord& record) {
  const PlannedVariant& variant = run.variants[static_cast<std::size_t>(v)];
  auto images = apply_variant(run, request, variant.transform, loaded);
  const at::Tensor tensor = to_device(to_tensor(images), run.placement.device);
  at::Tensor seen = tensor;
  for (std::size_t m = 0; m < run.models.size(); ++m) {
    const PreparedModel& prepared = run.models[m];
    if (prepared.geometry != geometry) continue;
    if (variant.attack) {
      const PreparedModel& attacked = attacked_model(run, variant, prepared);
      if (variant.attack->against.empty() || seen.is_same(tensor))
        seen = attack_batch(run, attacked, variant, request.seed, tensor, loaded.items);
      if (m == 0) note_attack(run, loaded, attacked, seen, images);
    }
    Inference inference;
    Measured measured = measure(prepared, seen, loaded.labels, run.relevance, inference);
    add_outcomes(run, prepared, static_cast<int>(m), v, loaded, inference, record);
    if (v == 0) clean[m] = measured;
    add_channels(run, prepared, v, loaded, measured, clean[m], references, record);
    if (!prepared.layers.empty())
      intervene_on_batch(run, prepared, {seen, loaded.labels, inference.logits, measured.activation, v}, references,
                         record);
  }
  add_pictures_and_notes(run, v, geometry == 0, loaded, images, record);
}

}  // namespace

std::vector<Chunk> chunks_of(const std::vector<std::int64_t>& blocks, std::size_t items, int block_size, int batch) {
  std::vector<Chunk> chunks;
  for (const std::int64_t block : blocks) {
    const std::size_t begin = static_cast<std::size_t>(block) * static_cast<std::size_t>(block_size);
    const std::size_t end = std::min(items, begin + static_cast<std::size_t>(block_size));
    for (std::size_t first = begin; first < end; first += static_cast<std::size_t>(batch)) {
      const std::size_t count = std::min(end - first, static_cast<std::size_t>(batch));
      chunks.push_back({block, first, count, first + count == end});
    }
  }
  return chunks;
}

BlockRecord evaluate_chunk(const Preparation& run, const EvaluationRequest& request, const LayerReferences& references,
                           const Chunk& chunk) {
  BlockRecord record;
  record.block = chunk.block;
  Decoded decoded = decode_chunk(run, chunk, Partners::load);
  record.bad_images = std::move(decoded.bad);
  if (decoded.items.empty()) return record;

  for (std::size_t g = 0; g < run.geometries.size(); ++g) {
    const LoadedChunk loaded = fit(run, decoded, run.geometries[g]);
    std::vector<Measured> clean(run.models.size());
    for (std::size_t v = 0; v < run.variants.size(); ++v)
      evaluate_variant(run, request, references, loaded, static_cast<int>(g), static_cast<int>(v), clean, record);
  }
  return record;
}

std::vector<std::pair<int, ClassMoments>> measure_relevance(const Preparation& run, const Chunk& chunk) {
  std::vector<std::pair<int, ClassMoments>> result;
  const Decoded decoded = decode_chunk(run, chunk, Partners::load);
  if (decoded.items.empty()) return result;
  for (const auto& prepared : run.models) {
    const auto wanted = [&](int layer) { return needs_relevance_pass(run, static_cast<std::size_t>(layer)); };
    if (std::none_of(prepared.layers.begin(), prepared.layers.end(), wanted)) continue;
    const LoadedChunk loaded = fit(run, decoded, run.geometries[static_cast<std::size_t>(prepared.geometry)]);
    std::vector<TransformResult> images;
    for (const auto& image : loaded.images) images.push_back({image, ""});
    Inference inference;
    const Measured measured = measure(prepared, to_tensor(images), loaded.labels, run.relevance, inference);
    for (std::size_t tap = 0; tap < prepared.layers.size(); ++tap)
      if (wanted(prepared.layers[tap]))
        result.emplace_back(prepared.layers[tap],
                            relevance_moments(measured.activation[tap], measured.relevance[tap], loaded.labels));
  }
  return result;
}

}  // namespace cuebench
