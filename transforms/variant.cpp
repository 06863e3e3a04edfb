// Chains of transforms: from the text that a user types to a function on images.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/transforms/transform.hpp>

namespace cuebench {
namespace {

/// The empty chain.
constexpr std::string_view kClean = "clean";

struct Step {
  const TransformInfo* info;
  Parameters parameters;
};

const TransformInfo& find_transform(std::string_view name) {
  std::vector<std::string> names = {std::string(kClean)};
  for (const TransformInfo* info : registered_transforms()) {
    if (info->name == name) return *info;
    names.emplace_back(info->name);
  }
  throw UsageError(unknown_name_message("variant", name, names, "`cuebench list variants` lists all"));
}

void check_order(std::string_view text, const std::vector<Step>& steps) {
  const TransformInfo* mover = nullptr;
  for (const Step& step : steps) {
    if (mover && step.info->uses_mask)
      throw UsageError(fmt::format("variant '{}': {} needs the outline of the object, which {} has moved: put {} first",
                                   text, step.info->name, mover->name, step.info->name));
    if (step.info->moves_pixels) mover = step.info;
  }
}

std::vector<Step> resolve_chain(std::string_view text) {
  std::vector<Step> steps;
  for (const NamedParameters& link : parse_chain("variant", text)) {
    if (link.name == kClean) {
      resolve_parameters("variant clean", {}, link.values);
      continue;
    }
    const TransformInfo& info = find_transform(link.name);
    steps.push_back({&info, resolve_parameters("variant " + link.name, info.parameters, link.values)});
  }
  check_order(text, steps);
  return steps;
}

std::string canonical_text(const std::vector<Step>& steps) {
  if (steps.empty()) return std::string(kClean);
  std::string text;
  for (const Step& step : steps) {
    if (!text.empty()) text += '+';
    text += step.info->name;
    if (const std::string parameters = step.parameters.canonical(); !parameters.empty()) text += ':' + parameters;
  }
  return text;
}

/// What is left when a step that keeps `then` follows one that kept `first`.
Cue cue_after(Cue first, Cue then) {
  if (first == then || then == Cue::both) return first;
  if (first == Cue::both) return then;
  // Of a conflict, each single cue may survive; shape and texture exclude each other.
  if (first == Cue::conflict && (then == Cue::shape || then == Cue::texture)) return then;
  if (then == Cue::conflict && first != Cue::neither) return Cue::conflict;
  return Cue::neither;
}

struct PreparedStep {
  Transform transform;
  std::string key;
};

TransformResult apply_steps(const std::vector<PreparedStep>& steps, const Image& image,
                            const TransformContext& context) {
  TransformResult result;
  const Image* current = &image;
  for (const PreparedStep& step : steps) {
    TransformContext own = context;
    own.variant = step.key;
    TransformResult next = step.transform(*current, own);
    if (!result.note.empty() && !next.note.empty()) result.note += ';';
    result.note += next.note;
    result.image = std::move(next.image);
    current = &result.image;
  }
  return result;
}

}  // namespace

std::string_view to_string(Cue cue) {
  switch (cue) {
    case Cue::both:
      return "both";
    case Cue::shape:
      return "shape";
    case Cue::texture:
      return "texture";
    case Cue::conflict:
      return "conflict";
    case Cue::neither:
      break;
  }
  return "neither";
}

std::vector<std::filesystem::path> Variant::files() const {
  std::vector<std::filesystem::path> files;
  for (const auto& [name, parameters] : steps)
    for (auto& file : parameters.files()) files.push_back(std::move(file));
  return files;
}

std::string canonical_variant(std::string_view text) {
  return canonical_text(resolve_chain(text));
}

Variant make_variant(std::string_view text, const TransformResources& resources) {
  const std::vector<Step> steps = resolve_chain(text);
  Variant variant;
  variant.text = canonical_text(steps);
  std::vector<PreparedStep> prepared;
  for (const Step& step : steps) {
    const std::string key = prepared.empty() ? variant.text : fmt::format("{}#{}", variant.text, prepared.size());
    prepared.push_back({step.info->make(step.parameters, resources), key});
    variant.keeps = cue_after(variant.keeps, step.info->keeps);
    variant.uses_mask = variant.uses_mask || step.info->uses_mask;
    variant.uses_partner = variant.uses_partner || step.info->uses_partner;
    variant.steps.emplace_back(step.info->name, step.parameters);
  }
  if (prepared.empty()) {
    variant.apply = [](const Image& image, const TransformContext&) { return TransformResult{image, {}}; };
  } else {
    // Shared, so that copies of the function share caches too.
    variant.apply = [all = std::make_shared<const std::vector<PreparedStep>>(std::move(prepared))](
                        const Image& image, const TransformContext& context) {
      return apply_steps(*all, image, context);
    };
  }
  return variant;
}

}  // namespace cuebench
