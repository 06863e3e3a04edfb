#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <cuebench/core/random.hpp>
#include <cuebench/transforms/transform.hpp>

#include "corruptions/corruption.hpp"
#include "kernels/jpeg_pass.hpp"

namespace cuebench {
namespace {

/// The quality with which ImageNet-C was saved.
constexpr int kSavedQuality = 85;

std::vector<std::string_view> corruption_names() {
  std::vector<std::string_view> names;
  for (const CorruptionInfo* info : registered_corruptions()) names.push_back(info->name);
  return names;
}

const CorruptionInfo& find_corruption(std::string_view name) {
  const auto all = registered_corruptions();
  return **std::find_if(all.begin(), all.end(), [&](const CorruptionInfo* info) { return info->name == name; });
}

const SeverityTable& table_of(const CorruptionInfo& info, CorruptionScale scale) {
  switch (scale) {
    case CorruptionScale::cifar:
      return info.cifar;
    case CorruptionScale::tiny:
      return info.tiny;
    case CorruptionScale::imagenet:
      break;
  }
  return info.imagenet;
}

CorruptionScale scale_of_side(int shorter_side) {
  if (shorter_side <= 40) return CorruptionScale::cifar;
  return shorter_side <= 112 ? CorruptionScale::tiny : CorruptionScale::imagenet;
}

struct Options {
  const CorruptionInfo& info;
  int severity;
  std::string scale, saved;

  CorruptionScale scale_for(const Image& image) const {
    if (scale == "imagenet") return CorruptionScale::imagenet;
    if (scale == "cifar") return CorruptionScale::cifar;
    if (scale == "tiny") return CorruptionScale::tiny;
    return scale_of_side(std::min(image.height, image.width));
  }
  bool saves_jpeg(CorruptionScale of) const {
    return saved == "jpeg" || (saved == "auto" && of != CorruptionScale::cifar);
  }
};

/// The corruption of each scale, prepared when an image first asks for it.
class PreparedCorruptions {
 public:
  explicit PreparedCorruptions(const Options& options) : options_(options) {}

  const Corruption& of(CorruptionScale scale) const {
    Slot& slot = slots_[static_cast<std::size_t>(scale)];
    std::call_once(slot.once, [&] {
      slot.corruption = options_.info.make(table_of(options_.info, scale)[options_.severity - 1], scale);
    });
    return slot.corruption;
  }

 private:
  struct Slot {
    std::once_flag once;
    Corruption corruption;
  };
  Options options_;
  mutable std::array<Slot, 3> slots_;
};

TransformResult corrupt(const Options& options, const Corruption& corruption, bool save_jpeg, const Image& image,
                        const TransformContext& context) {
  RandomStream random(context.seed, context.item_id, context.variant);
  TransformResult result{corruption(image, random), {}};
  if (save_jpeg) result.image = through_jpeg(result.image, kSavedQuality);
  if (!options.info.differs.empty()) result.note = "equivalent=not identical: " + std::string(options.info.differs);
  return result;
}

Transform make(const Parameters& parameters, const TransformResources&) {
  const Options options{.info = find_corruption(parameters.text("corruption")),
                        .severity = static_cast<int>(parameters.integer("severity")),
                        .scale = parameters.text("scale"),
                        .saved = parameters.text("saved")};
  return [options, prepared = std::make_shared<const PreparedCorruptions>(options)](const Image& image,
                                                                                    const TransformContext& context) {
    const CorruptionScale scale = options.scale_for(image);
    return corrupt(options, prepared->of(scale), options.saves_jpeg(scale), image, context);
  };
}

}  // namespace

extern const TransformInfo imagenet_c_transform = {
    .name = "imagenet_c",
    .summary = "One of ImageNet-C's corruptions: noise, blur, weather or coding, at five severities.",
    .formula = "one corruption of x in [0, 1], clipped, cut to bytes floor(255 x), then saved; docs/imagenet_c.md",
    .source = "Hendrycks and Dietterich, ICLR 2019; hendrycks/robustness ImageNet-C/create_c",
    .keeps = Cue::both,
    .parameters =
        {{.name = "corruption",
          .kind = ParameterKind::choice,
          .default_value = "gaussian_noise",
          .choices = corruption_names(),
          .doc = "Which corruption; none is the image with the saving alone, at any severity."},
         {.name = "severity",
          .kind = ParameterKind::integer,
          .default_value = "3",
          .minimum = 1,
          .maximum = 5,
          .doc = "Row of the corruption's parameter table."},
         {.name = "scale",
          .kind = ParameterKind::choice,
          .default_value = "auto",
          .choices = {"auto", "imagenet", "cifar", "tiny"},
          .doc = "Parameter table: for 224, 32 or 64 pixels. auto: cifar up to a shorter side of 40, tiny up to 112."},
         {.name = "saved",
          .kind = ParameterKind::choice,
          .default_value = "auto",
          .choices = {"auto", "jpeg", "raw"},
          .doc =
              "jpeg: quality 85, 4:2:0, as ImageNet-C's files; raw: as CIFAR-10-C. auto: raw with the cifar table."}},
    .random = true,
    .make = make,
};

}  // namespace cuebench
