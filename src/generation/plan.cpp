#include "plan.hpp"

#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/threads.hpp>
#include <cuebench/datasets/pairing.hpp>

#include "file_names.hpp"
#include "item_files.hpp"

namespace cuebench {
namespace {

using nlohmann::ordered_json;

/// Raised when a byte of the output changes for the same request for a reason that no other number names.
constexpr int kLayoutVersion = 1;

constexpr std::int64_t kShardItems = 1024;

void check_numbers(const GenerationRequest& request) {
  if (request.out.empty() && request.preview.empty())
    throw UsageError("no output folder is given: add --out FOLDER, or --preview FILE.png for a contact sheet");
  if (request.data.empty()) throw UsageError("no data is given: add --data SRC, a folder, archive, list or KIND:PATH");
  if (request.shards < 1 || request.shard < 0 || request.shard >= request.shards)
    throw UsageError(fmt::format("--shard {}/{} is not i/n with 0 <= i < n", request.shard, request.shards));
  if (request.limit < 0) throw UsageError("--limit must be a number of images, 0 for all");
  if (request.threads < 0) throw UsageError("--threads must be a number of threads, 0 for all cores");
  if (request.shard_items < 0) throw UsageError("--shard-items must be a number of images, 0 for the default");
  if (request.shard_items > 0 && request.format != "webdataset")
    throw UsageError("--shard-items is the size of tar files: add --format webdataset, or leave it out");
  if (request.quality < 1 || request.quality > 100) throw UsageError("--quality must lie between 1 and 100");
}

bool is_webdataset(const GenerationRequest& request) {
  if (request.format != "folder" && request.format != "webdataset")
    throw UsageError(
        unknown_name_message("format", request.format, {"folder", "webdataset"}, "there are folder and webdataset"));
  return request.format == "webdataset";
}

std::int64_t shard_items(const GenerationRequest& request) {
  return request.shard_items > 0 ? request.shard_items : kShardItems;
}

std::string extension_of(const std::string& encoding) {
  if (encoding == "png" || encoding == "webp") return encoding;
  if (encoding == "jpeg") return "jpg";
  throw UsageError(unknown_name_message("encoding", encoding, {"png", "jpeg", "webp"}, "there are png, jpeg and webp"));
}

void make_variants(const GenerationRequest& request, GenerationPlan& plan) {
  std::vector<std::string> texts = {"clean"};
  if (!request.suite.empty())
    for (const auto& variant : find_suite(request.suite).variants) texts.emplace_back(variant);
  texts.insert(texts.end(), request.variants.begin(), request.variants.end());
  const TransformResources resources{request.styles, request.seed, request.open_network};
  std::set<std::string> seen;
  for (const auto& text : texts) {
    if (!seen.insert(canonical_variant(text)).second) continue;
    plan.variants.push_back(make_variant(text, resources));
    plan.variant_folders.push_back(variant_folder(plan.variants.back().text));
  }
}

/// Chooses partners where a variant wants them. Where the data cannot give any, the variants of the suite that want
/// them are left out with a note.
void pair_items(const GenerationRequest& request, GenerationPlan& plan) {
  const auto wants = [](const Variant& variant) { return variant.uses_partner; };
  if (std::none_of(plan.variants.begin(), plan.variants.end(), wants)) return;
  try {
    plan.partners = conflict_partners(plan.dataset, request.seed);
  } catch (const UsageError& error) {
    for (const auto& text : request.variants)
      if (make_variant(text, {request.styles, request.seed, request.open_network}).uses_partner) throw;
    plan.dataset.notes.push_back(fmt::format("left out of the suite: {}", error.what()));
    for (std::size_t v = plan.variants.size(); v-- > 0;) {
      if (!wants(plan.variants[v])) continue;
      plan.variants.erase(plan.variants.begin() + std::ptrdiff_t(v));
      plan.variant_folders.erase(plan.variant_folders.begin() + std::ptrdiff_t(v));
    }
  }
}

/// A variant that does not fit the images is found here, before anything is written.
void try_first_image(const GenerationRequest& request, const GenerationPlan& plan) {
  std::string reason;
  for (const std::size_t index : plan.chosen) {
    try {
      const FittedItem item = load_item(plan, index);
      for (const auto& variant : plan.variants) apply_variant(plan, variant, item, request.seed);
      return;
    } catch (const ImageError& error) {
      if (reason.empty()) reason = fmt::format("{}: {}", plan.dataset.items[index].id, error.what());
    }
  }
  throw UsageError(fmt::format("no image of '{}' can be read; the first one is {}", plan.dataset.source, reason));
}

ordered_json variant_list(const GenerationPlan& plan) {
  ordered_json list = ordered_json::array();
  for (std::size_t v = 0; v < plan.variants.size(); ++v)
    list.push_back({{"variant", plan.variants[v].text},
                    {"folder", plan.variant_folders[v]},
                    {"keeps", to_string(plan.variants[v].keeps)}});
  return list;
}

/// Name and version of every transform that the variants use.
std::map<std::string, int> transform_versions(const GenerationPlan& plan) {
  std::map<std::string, int> versions;
  for (const auto& variant : plan.variants)
    for (const auto& step : variant.steps)
      for (const auto* info : registered_transforms())
        if (info->name == step.first) versions[step.first] = info->version;
  return versions;
}

std::string encoding_text(const GenerationRequest& request) {
  return request.encode == "jpeg" ? fmt::format("jpeg, quality {}", request.quality) : request.encode;
}

}  // namespace

Item GenerationPlan::item_in(std::size_t variant, std::size_t index) const {
  Item item = dataset.items[index];
  if (!variants[variant].uses_partner || partners[index] == kNoPartner) return item;
  item.shape_label = item.label;
  item.texture_label = dataset.items[partners[index]].label;
  return item;
}

const std::string& GenerationPlan::name_in(std::size_t variant, std::size_t index) const {
  return variants[variant].uses_partner && !pair_names.empty() ? pair_names[index] : names[index];
}

GenerationPlan plan_generation(const GenerationRequest& request) {
  check_numbers(request);
  GenerationPlan plan;
  plan.extension = extension_of(request.encode);
  plan.preset = parse_preset(request.preset);
  make_variants(request, plan);
  OpenOptions options;
  options.masks = request.masks;
  options.decode.apply_exif_orientation = request.apply_exif_orientation;
  plan.dataset = open_dataset(request.data, options);
  pair_items(request, plan);
  plan.chosen = spread_items(plan.dataset.items.size(), request.limit);
  plan.class_folders = class_folders(plan.dataset.classes);
  plan.names = item_names(plan.dataset, plan.class_folders);
  if (is_webdataset(request)) {
    plan.names = sample_keys(std::move(plan.names));
    plan.block_items = std::size_t(shard_items(request));
  } else if (!plan.partners.empty()) {
    plan.pair_names = pair_names(plan.dataset, plan.partners, plan.names);
  }
  plan.threads = request.threads > 0 ? request.threads : available_cores();
  try_first_image(request, plan);
  return plan;
}

std::string identity_of(const GenerationRequest& request, const GenerationPlan& plan) {
  ordered_json variants = ordered_json::array(), folders = plan.variant_folders;
  for (const auto& variant : plan.variants) variants.push_back(variant.text);
  folders.push_back(kMaskFolder);
  ordered_json text = {
      {"data", plan.dataset.digest},
      {"seed", request.seed},
      {"limit", request.limit},
      {"variants", variants},
      {"preset", plan.preset.canonical()},
      {"format", request.format},
      {"encode", encoding_text(request)},
      {"masks", request.masks.string()},
      {"styles", request.styles.string()},
      {"exif_orientation", request.apply_exif_orientation},
      {"transforms", transform_versions(plan)},
      {"layout", kLayoutVersion},
      {"folders", folders},
  };
  if (is_webdataset(request)) text["shard-items"] = shard_items(request);
  for (const auto& variant : plan.variants)
    for (const auto& file : variant.files()) text["networks"][file.string()] = sha256_of_file(file);
  return text.dump(2);
}

std::string resolved_configuration(const GenerationRequest& request, const GenerationPlan& plan) {
  ordered_json text = {
      {"data", plan.dataset.source},
      {"masks", request.masks.string()},
      {"styles", request.styles.string()},
      {"variants", variant_list(plan)},
      {"classes", plan.class_folders},
      {"preset", plan.preset.canonical()},
      {"format", request.format},
      {"encode", encoding_text(request)},
      {"seed", request.seed},
      {"threads", plan.threads},
      {"limit", request.limit},
      {"shard", fmt::format("{}/{}", request.shard, request.shards)},
      {"on-bad-image", request.fail_on_bad_image ? "fail" : "record"},
      {"exif-orientation", request.apply_exif_orientation},
      {"transforms", transform_versions(plan)},
      {"notes", plan.dataset.notes},
  };
  if (is_webdataset(request)) text["shard-items"] = shard_items(request);
  return text.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace cuebench
