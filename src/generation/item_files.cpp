#include "item_files.hpp"

#include <utility>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/datasets/pairing.hpp>
#include <cuebench/imaging/encode.hpp>

namespace cuebench {
namespace {

std::vector<std::byte> encode(const GenerationRequest& request, const Image& image) {
  if (request.encode == "jpeg") return encode_jpeg(image, request.quality);
  return request.encode == "webp" ? encode_webp(image) : encode_png(image);
}

/// Grey as equal channels: readers of masks take the luminance, which is the value itself then.
Image as_image(const Plane& mask) {
  Image image(mask.height, mask.width);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c) image.pixels[3 * i + c] = mask.pixels[i];
  return image;
}

std::vector<EncodedImage> encode_variants(const GenerationRequest& request, const GenerationPlan& plan,
                                          const FittedItem& item) {
  std::vector<EncodedImage> images;
  images.reserve(plan.variants.size());
  for (const Variant& variant : plan.variants) {
    const TransformResult result = apply_variant(plan, variant, item, request.seed);
    images.push_back({encode(request, result.image), result.note});
  }
  return images;
}

FittedItem load_alone(const GenerationPlan& plan, std::size_t index) {
  const Image image = plan.dataset.load_image(index);
  FittedItem item{index, apply_preset(plan.preset, image), std::nullopt, std::nullopt};
  item.mask = plan.dataset.load_mask ? plan.dataset.load_mask(index) : std::nullopt;
  if (item.mask) item.mask = apply_preset(plan.preset, *item.mask, image);
  return item;
}

}  // namespace

FittedItem load_item(const GenerationPlan& plan, std::size_t index) {
  FittedItem item = load_alone(plan, index);
  if (plan.partners.empty() || plan.partners[index] == kNoPartner) return item;
  const std::string& id = plan.dataset.items[plan.partners[index]].id;
  try {
    FittedItem partner = load_alone(plan, plan.partners[index]);
    item.partner = Partner{std::move(partner.image), std::move(partner.mask), id};
  } catch (const ImageError& error) {
    throw ImageError(fmt::format("the image that lends it its texture, '{}', cannot be used: {}", id, error.what()));
  }
  return item;
}

TransformResult apply_variant(const GenerationPlan& plan, const Variant& variant, const FittedItem& item,
                              std::uint64_t seed) {
  const Item& facts = plan.dataset.items[item.index];
  return variant.apply(item.image, {seed, facts.id, variant.text, facts.label, item.mask ? &*item.mask : nullptr,
                                    item.partner ? &*item.partner : nullptr});
}

EncodedItem encode_item(const GenerationRequest& request, const GenerationPlan& plan, std::size_t index) {
  const Item& facts = plan.dataset.items[index];
  EncodedItem encoded{.index = index, .variants = {}, .mask = {}, .bad_line = {}};
  try {
    const FittedItem item = load_item(plan, index);
    encoded.variants = encode_variants(request, plan, item);
    if (item.mask) encoded.mask = encode_png(as_image(*item.mask));
  } catch (const ImageError& error) {
    if (request.fail_on_bad_image)
      throw RunError(
          fmt::format("'{}' is a bad image ({}): remove it, or let bad images be recorded with --on-bad-image record",
                      facts.id, error.what()));
    encoded.bad_line = fmt::format("{},{},{}", csv_field(facts.id), facts.bytes, csv_field(error.what()));
  }
  return encoded;
}

}  // namespace cuebench
