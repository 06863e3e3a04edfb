#include <algorithm>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <opencv2/core/utility.hpp>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/generation/generation.hpp>
#include <cuebench/imaging/encode.hpp>
#include <cuebench/imaging/resize.hpp>

#include "contact_sheet.hpp"
#include "item_files.hpp"
#include "plan.hpp"
#include "short_names.hpp"

namespace cuebench {
namespace {

constexpr std::int64_t kItems = 6, kMostItems = 24;
constexpr int kLargestCell = 160;
/// Smaller images are enlarged by a whole factor up to this side: 32 pixels would be lost under their heading.
constexpr int kEnlargedCell = 128;

Image fit_cell(const Image& image) {
  const int longer = std::max(image.height, image.width);
  if (longer > kLargestCell) {
    const double scale = double(kLargestCell) / longer;
    return resize(image, std::max(1, int(image.height * scale)), std::max(1, int(image.width * scale)),
                  Resampling::bilinear);
  }
  const int factor = std::max(1, kEnlargedCell / longer);
  return factor == 1 ? image : resize(image, image.height * factor, image.width * factor, Resampling::nearest);
}

SheetRow make_row(const GenerationRequest& request, const GenerationPlan& plan, std::size_t index) {
  const Item& facts = plan.dataset.items[index];
  const std::string label = facts.label < 0 ? "" : plan.dataset.classes[std::size_t(facts.label)];
  SheetRow row{.title = label, .remark = facts.id.substr(facts.id.rfind('/') + 1), .cells = {}};
  try {
    const FittedItem item = load_item(plan, index);
    for (const Variant& variant : plan.variants)
      row.cells.push_back(fit_cell(apply_variant(plan, variant, item, request.seed).image));
  } catch (const ImageError& error) {
    row.cells.assign(plan.variants.size(), Image());
    row.remark += fmt::format(" bad image: {}", error.what());
  }
  return row;
}

/// The spread of --limit, each item one further than the one before: sets that go round their classes would else show
/// one class.
std::vector<std::size_t> shown_items(std::size_t available, std::int64_t count) {
  auto items = spread_items(available, count);
  if (items.size() * items.size() <= available)
    for (std::size_t i = 0; i < items.size(); ++i) items[i] += i;
  return items;
}

void check(const GenerationRequest& request) {
  if (request.preview.extension() != ".png")
    throw UsageError(
        fmt::format("the preview '{}' is written as PNG: give it a name that ends in .png", request.preview.string()));
  const auto folder = request.preview.parent_path();
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
    throw UsageError(
        fmt::format("there is no folder '{}' for the preview: make it, or name another file", folder.string()));
  if (request.limit > kMostItems)
    throw UsageError(fmt::format("a preview shows at most {} images: lower --limit {}", kMostItems, request.limit));
}

}  // namespace

void preview_variants(const GenerationRequest& request) {
  check(request);
  cv::setNumThreads(0);
  GenerationRequest sample = request;
  if (sample.limit == 0) sample.limit = kItems;
  GenerationPlan plan = plan_generation(sample);
  plan.chosen = shown_items(plan.dataset.items.size(), sample.limit);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, std::size_t(plan.threads));
  std::vector<SheetRow> rows(plan.chosen.size());
  tbb::parallel_for(std::size_t(0), rows.size(),
                    [&](std::size_t r) { rows[r] = make_row(sample, plan, plan.chosen[r]); });
  std::vector<std::string> variants;
  for (const Variant& variant : plan.variants) variants.push_back(variant.text);
  const auto png = encode_png(draw_contact_sheet(short_names(variants), rows));
  write_file_atomically(request.preview, {reinterpret_cast<const char*>(png.data()), png.size()});
}

}  // namespace cuebench
