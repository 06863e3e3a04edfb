#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/preset.hpp>

namespace cuebench {
namespace {

constexpr std::int64_t kMaxPixels = 178'956'970;  // as DecodeOptions::max_pixels

constexpr std::array kPresets = {
    PresetInfo{"imagenet", "custom:crop=224,exact=0,resampling=bilinear,resize=256",
               "short side 256, centre crop 224: torchvision's classification models (RobustBench: Res256Crop224)"},
    PresetInfo{"bicubic256", "custom:crop=224,exact=0,resampling=bicubic,resize=256",
               "the same with bicubic: many timm models (RobustBench: BicubicRes256Crop224)"},
    PresetInfo{"imagenet232", "custom:crop=224,exact=0,resampling=bilinear,resize=232",
               "short side 232, centre crop 224: torchvision's IMAGENET1K_V2 weights of ResNets"},
    PresetInfo{"crop288", "custom:crop=288,exact=0,resampling=bilinear,resize=0",
               "centre crop 288 without a resize (RobustBench: Crop288)"},
    PresetInfo{"inception299", "custom:crop=299,exact=0,resampling=bilinear,resize=342",
               "short side 342, centre crop 299: torchvision's Inception v3"},
    PresetInfo{"res224", "custom:crop=0,exact=224,resampling=bilinear,resize=0",
               "exactly 224 x 224, the aspect is lost (RobustBench: Res224)"},
    PresetInfo{"res64", "custom:crop=0,exact=64,resampling=bilinear,resize=0", "exactly 64 x 64: Tiny ImageNet"},
    PresetInfo{"res32", "custom:crop=0,exact=32,resampling=bilinear,resize=0",
               "exactly 32 x 32: CIFAR models on other images"},
    PresetInfo{"none", "custom:crop=0,exact=0,resampling=bilinear,resize=0",
               "as the file has it: images that are of the model's size already"},
};

const std::vector<ParameterSpec>& custom_specs() {
  static const std::vector<ParameterSpec> specs = {
      {"resize", ParameterKind::integer, "0", 0, 16384, {}, "px", "short side after the resize; 0: no such resize"},
      {"exact", ParameterKind::integer, "0", 0, 16384, {}, "px", "both sides after the resize; 0: no such resize"},
      {"crop", ParameterKind::integer, "0", 0, 16384, {}, "px", "side of the centre crop; 0: no crop"},
      {"resampling",
       ParameterKind::choice,
       "bilinear",
       0,
       0,
       {"nearest", "box", "bilinear", "bicubic", "lanczos"},
       "",
       "kernel of the resize, as Pillow's"},
  };
  return specs;
}

Preset parse_custom(std::string_view text) {
  const NamedParameters typed = parse_named_parameters("preset", text);
  const Parameters values = resolve_parameters("preset custom", custom_specs(), typed.values);
  Preset preset;
  preset.name = "custom";
  preset.resize_short = static_cast<int>(values.integer("resize"));
  preset.resize_exact = static_cast<int>(values.integer("exact"));
  preset.crop = static_cast<int>(values.integer("crop"));
  preset.resampling = parse_resampling(values.text("resampling"));
  if (preset.resize_short > 0 && preset.resize_exact > 0) {
    throw UsageError("preset '" + std::string(text) + "': resize and exact exclude each other, give one of them");
  }
  return preset;
}

struct Size {
  int height = 0, width = 0;
};

/// torchvision's long side: int(size * long / short) in double precision, which truncates.
int long_side(int size, int long_in, int short_in) {
  return static_cast<int>(double(std::int64_t(size) * long_in) / short_in);
}

Size resized_size(const Preset& preset, int height, int width) {
  if (preset.resize_exact > 0) return {preset.resize_exact, preset.resize_exact};
  if (preset.resize_short == 0) return {height, width};
  if (width <= height) return {long_side(preset.resize_short, height, width), preset.resize_short};
  return {preset.resize_short, long_side(preset.resize_short, width, height)};
}

/// Python's int(round((in - out) / 2.0)): half to even.
int centre_offset(int in, int out) {
  return static_cast<int>(std::nearbyint((in - out) / 2.0));
}

/// Where the crop lies: `inside` on the resized image, then at `top`, `left` of an output of `output` size.
struct Placement {
  Crop inside;
  Size output;
  int top = 0, left = 0;
};

struct Span {
  int in_begin = 0, length = 0, out_begin = 0;
};

/// One axis of torchvision's CenterCrop: pads a short side (the odd pixel goes to the far end), crops a long one.
Span place(int in, int out) {
  if (in < out) return {0, in, (out - in) / 2};
  return {centre_offset(in, out), out, 0};
}

Placement placement_of(const Preset& preset, const Size& resized) {
  if (preset.crop == 0) return {{0, 0, resized.height, resized.width}, resized};
  const Span rows = place(resized.height, preset.crop), columns = place(resized.width, preset.crop);
  return {{rows.in_begin, columns.in_begin, rows.length, columns.length},
          {preset.crop, preset.crop},
          rows.out_begin,
          columns.out_begin};
}

template <int kChannels, class Raster>
Raster padded(Raster inside, const Placement& placement) {
  if (inside.height == placement.output.height && inside.width == placement.output.width) return inside;
  Raster output(placement.output.height, placement.output.width);
  for (int y = 0; y < inside.height; ++y) {
    std::memcpy(output.row(placement.top + y) + std::size_t(placement.left) * kChannels, inside.row(y),
                std::size_t(inside.width) * kChannels);
  }
  return output;
}

template <class Raster>
Placement plan(const Preset& preset, const Raster& input, Size& resized) {
  if (input.empty()) throw ImageError("an empty image");
  resized = resized_size(preset, input.height, input.width);
  const Placement placement = placement_of(preset, resized);
  if (std::int64_t(placement.output.height) * placement.output.width > kMaxPixels) {
    throw ImageError("too large after the resize: " + std::to_string(resized.width) + " x " +
                     std::to_string(resized.height) + " pixels; give the preset a crop");
  }
  return placement;
}

}  // namespace

std::string Preset::canonical() const {
  for (const PresetInfo& info : presets()) {
    if (name == info.name && *this == parse_preset(name)) return name;
  }
  return "custom:crop=" + std::to_string(crop) + ",exact=" + std::to_string(resize_exact) +
         ",resampling=" + std::string(to_string(resampling)) + ",resize=" + std::to_string(resize_short);
}

std::span<const PresetInfo> presets() {
  return kPresets;
}

Preset parse_preset(std::string_view text) {
  std::vector<std::string> known;
  for (const PresetInfo& info : kPresets) {
    if (text == info.name) {
      Preset preset = parse_custom(info.text);
      preset.name = info.name;
      return preset;
    }
    known.emplace_back(info.name);
  }
  if (text == "custom" || text.starts_with("custom:")) return parse_custom(text);
  known.emplace_back("custom:resize=256,crop=224");
  throw UsageError(unknown_name_message("preset", text, known, "cuebench list presets"));
}

Image apply_preset(const Preset& preset, const Image& image) {
  Size resized;
  const Placement placement = plan(preset, image, resized);
  Image inside = resize_cropped(image, resized.height, resized.width, preset.resampling, placement.inside);
  return padded<Image::kChannels>(std::move(inside), placement);
}

Plane apply_preset(const Preset& preset, const Plane& mask) {
  Size resized;
  const Placement placement = plan(preset, mask, resized);
  return padded<1>(resize_nearest_cropped(mask, resized.height, resized.width, placement.inside), placement);
}

Plane apply_preset(const Preset& preset, const Plane& mask, const Image& photograph) {
  if (mask.height == photograph.height && mask.width == photograph.width) return apply_preset(preset, mask);
  return apply_preset(preset, resize_nearest(mask, photograph.height, photograph.width));
}

}  // namespace cuebench
