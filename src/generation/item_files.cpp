#include "item_files.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <cuebench/core/csv.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/imaging/resize.hpp>

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

void write_file(const std::filesystem::path& out, const std::string& file, const std::vector<std::byte>& bytes,
                FinishedBlock& finished) {
  const std::filesystem::path path = out / file;
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed)
    throw RunError(fmt::format("cannot make the folder '{}': {}", path.parent_path().string(), failed.message()));
  // Not synced one by one, which would cost more than all else; the block's record lists sizes, so a file that a power
  // cut emptied is made again.
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, Durability::cached);
  finished.files.emplace_back(file, bytes.size());
}

std::string item_line(const Dataset& dataset, const Item& item, const Variant& variant, const std::string& file,
                      const std::string& note) {
  const auto name = [&](int label) {
    return label < 0 ? std::string() : csv_field(dataset.classes[std::size_t(label)]);
  };
  return fmt::format("{},{},{},{},{},{},{}", csv_field(item.id), name(item.label), name(item.shape_label),
                     name(item.texture_label), csv_field(variant.text), csv_field(file), csv_field(note));
}

void write_variants(const GenerationRequest& request, const GenerationPlan& plan, const FittedItem& fitted,
                    FinishedBlock& finished) {
  const Item& item = plan.dataset.items[fitted.index];
  const std::string& name = plan.names[fitted.index];
  for (std::size_t v = 0; v < plan.variants.size(); ++v) {
    const TransformResult result = apply_variant(plan, plan.variants[v], fitted, request.seed);
    const std::string file = fmt::format("{}/{}.{}", plan.variant_folders[v], name, plan.extension);
    write_file(request.out, file, encode(request, result.image), finished);
    finished.item_lines.push_back(item_line(plan.dataset, item, plan.variants[v], file, result.note));
  }
  if (fitted.mask)
    write_file(request.out, fmt::format("masks/{}.png", name), encode_png(as_image(*fitted.mask)), finished);
}

}  // namespace

FittedItem load_item(const GenerationPlan& plan, std::size_t index) {
  const Image image = plan.dataset.load_image(index);
  FittedItem item{index, apply_preset(plan.preset, image), std::nullopt};
  item.mask = plan.dataset.load_mask ? plan.dataset.load_mask(index) : std::nullopt;
  if (item.mask) {
    // A mask may have been drawn at another scale than the photograph.
    if (item.mask->height != image.height || item.mask->width != image.width)
      item.mask = resize_nearest(*item.mask, image.height, image.width);
    item.mask = apply_preset(plan.preset, *item.mask);
  }
  return item;
}

TransformResult apply_variant(const GenerationPlan& plan, const Variant& variant, const FittedItem& item,
                              std::uint64_t seed) {
  const Item& facts = plan.dataset.items[item.index];
  return variant.apply(item.image, {seed, facts.id, variant.text, facts.label, item.mask ? &*item.mask : nullptr});
}

FinishedBlock write_item(const GenerationRequest& request, const GenerationPlan& plan, std::size_t index) {
  FinishedBlock finished;
  const Item& item = plan.dataset.items[index];
  try {
    write_variants(request, plan, load_item(plan, index), finished);
  } catch (const ImageError& error) {
    if (request.fail_on_bad_image)
      throw RunError(
          fmt::format("'{}' is a bad image ({}): remove it, or let bad images be recorded with --on-bad-image record",
                      item.id, error.what()));
    finished.bad_lines.push_back(fmt::format("{},{},{}", csv_field(item.id), item.bytes, csv_field(error.what())));
  }
  return finished;
}

}  // namespace cuebench
