// Images made by the program: an object of known shape and texture in front of clutter. docs/synthetic.md defines
// everything.

#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/dataset.hpp>

#include "masks.hpp"
#include "synthetic/object_classes.hpp"
#include "synthetic/scene.hpp"

namespace cuebench {
namespace {

using synthetic::ObjectClass;

/// Raised when a byte of any image changes for the same parameters.
constexpr int kVersion = 1;

enum class Cues { correlated, conflicting, shape_only, texture_only };

Cues cues_of(std::string_view split) {
  if (split == "cue_conflict") return Cues::conflicting;
  if (split == "shape_only") return Cues::shape_only;
  if (split == "texture_only") return Cues::texture_only;
  return Cues::correlated;
}

/// The texture's class for image `number` of class `label`. Of any first n images of a class, floor(n * correlation)
/// have the class's own texture; the others take the other classes' in turn.
int texture_label(int label, std::int64_t number, int classes, double correlation) {
  const auto own = std::int64_t(std::floor(double(number) * correlation));
  if (std::int64_t(std::floor(double(number + 1) * correlation)) > own) return label;
  const auto others = number - own;
  return int((label + 1 + others % (classes - 1)) % classes);
}

void add_items(Dataset& dataset, const Parameters& parameters) {
  const std::string& split = parameters.text("split");
  const Cues cues = cues_of(split);
  const double correlation = cues == Cues::conflicting ? 0 : parameters.real("correlation");
  const auto classes = int(dataset.classes.size());
  const auto count = parameters.integer("count"), side = parameters.integer("size");
  std::vector<std::int64_t> of_texture(dataset.classes.size());
  dataset.items.reserve(std::size_t(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto label = int(i % classes);
    const std::int64_t number = i / classes;
    Item item{.id = "", .label = label, .bytes = side * side * Image::kChannels};
    if (cues != Cues::texture_only) item.shape_label = label;
    if (cues == Cues::texture_only) item.texture_label = label;
    if (cues == Cues::correlated || cues == Cues::conflicting)
      item.texture_label = texture_label(label, number, classes, correlation);
    const std::string& name = dataset.classes[std::size_t(label)];
    if (cues == Cues::conflicting) {
      const auto texture = std::size_t(item.texture_label);
      item.id = fmt::format("{0}/{0}{1}-{2}{3}", name, number + 1, dataset.classes[texture], ++of_texture[texture]);
    } else {
      item.id = fmt::format("{}/{}-{:06}", name, split, i);
    }
    dataset.has_cues = dataset.has_cues ||
                       (item.shape_label >= 0 && item.texture_label >= 0 && item.shape_label != item.texture_label);
    dataset.items.push_back(std::move(item));
  }
}

/// All that an image is made of. Items in a compact form: a million of them should not weigh twice.
class Scenes {
 public:
  Scenes(std::uint64_t seed, const synthetic::SceneOptions& options, std::vector<ObjectClass> classes)
      : seed_(seed), options_(options), classes_(std::move(classes)) {}

  void set_items(const std::vector<Item>& items) {
    for (const Item& item : items) {
      ids_ += item.id;
      items_.push_back({std::uint32_t(ids_.size()), std::int16_t(item.shape_label), std::int16_t(item.texture_label)});
    }
  }

  Image image(std::size_t index) const { return synthetic::render_scene(object(index), options_, {seed_, id(index)}); }
  Plane mask(std::size_t index) const {
    return synthetic::render_scene_mask(object(index), options_, {seed_, id(index)});
  }

 private:
  struct Entry {
    std::uint32_t id_end;
    std::int16_t shape, texture;
  };

  std::string_view id(std::size_t index) const {
    const std::uint32_t begin = index == 0 ? 0 : items_.at(index - 1).id_end;
    return std::string_view(ids_).substr(begin, items_.at(index).id_end - begin);
  }
  synthetic::SceneObject object(std::size_t index) const {
    const Entry& item = items_.at(index);
    synthetic::SceneObject object;
    if (item.shape >= 0) object.shape = classes_[std::size_t(item.shape)].shape;
    if (item.texture >= 0) object.texture = classes_[std::size_t(item.texture)].texture;
    return object;
  }

  std::uint64_t seed_;
  synthetic::SceneOptions options_;
  std::vector<ObjectClass> classes_;
  std::string ids_;
  std::vector<Entry> items_;
};

synthetic::SceneOptions scene_options(const Parameters& parameters) {
  const auto real = [&](std::string_view name) { return float(parameters.real(name)); };
  return {.side = int(parameters.integer("size")),
          .texture_contrast = real("texture_contrast"),
          .shape_contrast = real("shape_contrast"),
          .clutter = real("clutter"),
          .occlusion = real("occlusion"),
          .noise = real("noise"),
          .blur = real("blur")};
}

Dataset make(const Parameters& parameters, const OpenOptions& options) {
  const std::string& split = parameters.text("split");
  if (cues_of(split) != Cues::correlated && parameters.real("correlation") != 1)
    throw UsageError(fmt::format(
        "data set synthetic: split={} settles itself which texture goes with which shape: leave correlation "
        "out, or choose split=test",
        split));
  Dataset dataset;
  auto classes = synthetic::object_classes(int(parameters.integer("classes")));
  for (const auto& object : classes) dataset.classes.emplace_back(object.name);
  add_items(dataset, parameters);
  const auto scenes = std::make_shared<Scenes>(std::uint64_t(parameters.integer("seed")), scene_options(parameters),
                                               std::move(classes));
  scenes->set_items(dataset.items);
  dataset.digest = sha256_of_text(fmt::format("synthetic {}\n{}\n", kVersion, parameters.canonical()));
  dataset.load_image = [scenes](std::size_t index) { return scenes->image(index); };
  dataset.load_mask = [scenes](std::size_t index) { return std::optional<Plane>(scenes->mask(index)); };
  if (!options.masks.empty()) attach_masks(dataset, options.masks, options.decode);
  return dataset;
}

std::vector<ParameterSpec> parameter_specs() {
  return {
      {.name = "split",
       .kind = ParameterKind::choice,
       .default_value = "test",
       .choices = {"train", "validation", "test", "cue_conflict", "shape_only", "texture_only"},
       .doc = "Which images; no two splits share one. cue_conflict: texture of another class; shape_only: a texture "
              "of no class; texture_only: a random outline."},
      {.name = "count",
       .kind = ParameterKind::integer,
       .default_value = "1000",
       .minimum = 1,
       .maximum = 1'000'000,
       .unit = "images",
       .doc = "Images, the classes in turn; a smaller count gives the first images of a larger one."},
      {.name = "size",
       .kind = ParameterKind::integer,
       .default_value = "64",
       .minimum = 16,
       .maximum = 1024,
       .unit = "pixels",
       .doc = "Width and height; the same scene at any size."},
      {.name = "classes",
       .kind = ParameterKind::integer,
       .default_value = "10",
       .minimum = 2,
       .maximum = synthetic::kMostClasses,
       .doc = "Object classes; a smaller set is part of a larger one."},
      {.name = "seed",
       .kind = ParameterKind::integer,
       .default_value = "0",
       .minimum = 0,
       .maximum = 1e15,
       .doc = "Another seed, other images."},
      {.name = "correlation",
       .default_value = "1",
       .minimum = 0,
       .maximum = 1,
       .doc = "Share of images with their class's own texture in train, validation and test; the others take the "
              "other classes' textures in turn."},
      {.name = "texture_contrast",
       .default_value = "0.25",
       .minimum = 0,
       .maximum = 1,
       .unit = "of the pixel range",
       .doc = "Difference of the two tones of the object's texture (twice its standard deviation); 0: plain."},
      {.name = "shape_contrast",
       .default_value = "0.25",
       .minimum = 0,
       .maximum = 1,
       .unit = "of the pixel range",
       .doc = "Difference of the mean colours of object and background."},
      {.name = "clutter",
       .default_value = "0.25",
       .minimum = 0,
       .maximum = 1,
       .unit = "of the pixel range",
       .doc = "Twice the standard deviation of the background; 0: plain."},
      {.name = "occlusion",
       .default_value = "0.2",
       .minimum = 0,
       .maximum = 0.5,
       .doc = "Largest share of the object that a fragment before it hides; half of the images have one."},
      {.name = "noise",
       .default_value = "0.02",
       .minimum = 0,
       .maximum = 0.5,
       .unit = "of the pixel range",
       .doc = "Largest standard deviation of the sensor noise."},
      {.name = "blur",
       .default_value = "0.7",
       .minimum = 0,
       .maximum = 4,
       .unit = "pixels",
       .doc = "Largest standard deviation of the blur."}};
}

}  // namespace

extern const ReaderInfo synthetic_reader;
const ReaderInfo synthetic_reader = {
    .name = "synthetic",
    .summary =
        "made by the program: synthetic[:key=value,...], shapes filled with textures on clutter; exact masks, both "
        "cues "
        "labelled",
    .parameters = parameter_specs(),
    .make = make,
};

}  // namespace cuebench
