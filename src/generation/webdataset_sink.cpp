#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cuebench/core/files.hpp>
#include <cuebench/transforms/transform.hpp>

#include "sink.hpp"
#include "tar_writer.hpp"

namespace cuebench {
namespace {

using nlohmann::ordered_json;

std::string_view as_text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string shard_name(std::int64_t block) {
  return fmt::format("{:06}.tar", block);
}

/// False where a step moves pixels, after which the item's mask is not the variant's.
bool keeps_mask(const Variant& variant) {
  return std::none_of(variant.steps.begin(), variant.steps.end(), [](const auto& step) {
    const auto all = registered_transforms();
    return std::any_of(all.begin(), all.end(),
                       [&](const TransformInfo* info) { return info->name == step.first && info->moves_pixels; });
  });
}

void write_class_names(const GenerationRequest& request, const GenerationPlan& plan) {
  std::string text;
  for (std::string name : plan.dataset.classes) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    text += name + '\n';
  }
  std::error_code failed;
  for (const auto& variant : plan.variant_folders) {
    const auto folder = request.out / variant;
    std::filesystem::create_directories(folder, failed);
    remove_abandoned_parts(folder);
    if (!text.empty()) write_file_atomically(folder / "classes.txt", text);
  }
}

/// The tar files of one block, one a variant.
class Shards {
 public:
  Shards(const GenerationRequest& request, const GenerationPlan& plan) : request_(request), plan_(plan) {
    for (const Variant& variant : plan.variants) keeps_mask_.push_back(keeps_mask(variant));
  }

  void append(std::int64_t block, const EncodedItem& item) {
    if (writers_.empty()) open(block);
    if (item.variants.empty()) return;
    // Isolated: a thread that waits here must not begin another item meanwhile.
    tbb::this_task_arena::isolate(
        [&] { tbb::parallel_for(std::size_t(0), writers_.size(), [&](std::size_t v) { add_sample(item, v); }); });
  }

  std::vector<WrittenFile> finish(std::int64_t block) {
    std::vector<WrittenFile> files;
    for (std::size_t v = 0; v < writers_.size(); ++v) {
      auto [size, sha256] = writers_[v]->finish();
      files.push_back({plan_.variant_folders[v] + '/' + shard_name(block), size, std::move(sha256)});
    }
    writers_.clear();
    return files;
  }

 private:
  void open(std::int64_t block) {
    for (const auto& folder : plan_.variant_folders)
      writers_.push_back(std::make_unique<TarWriter>(request_.out / folder / shard_name(block)));
  }

  void add_sample(const EncodedItem& item, std::size_t variant) {
    const std::string& key = plan_.names[item.index];
    const int label = plan_.dataset.items[item.index].label;
    TarWriter& tar = *writers_[variant];
    tar.add(key + '.' + plan_.extension, as_text(item.variants[variant].bytes));
    if (label >= 0) tar.add(key + ".cls", std::to_string(label));
    tar.add(key + ".json", facts(item, variant));
    if (!item.mask.empty() && keeps_mask_[variant]) tar.add(key + ".mask.png", as_text(item.mask));
  }

  std::string facts(const EncodedItem& item, std::size_t variant) const {
    const Item known = plan_.item_in(variant, item.index);
    const auto name = [&](int label) {
      return label < 0 ? ordered_json() : ordered_json(plan_.dataset.classes[std::size_t(label)]);
    };
    const ordered_json text = {{"id", known.id},
                               {"label", name(known.label)},
                               {"shape", name(known.shape_label)},
                               {"texture", name(known.texture_label)},
                               {"variant", plan_.variants[variant].text},
                               {"note", item.variants[variant].note}};
    return text.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  }

  const GenerationRequest& request_;
  const GenerationPlan& plan_;
  std::vector<bool> keeps_mask_;
  std::vector<std::unique_ptr<TarWriter>> writers_;
};

}  // namespace

Sink webdataset_sink(const GenerationRequest& request, const GenerationPlan& plan) {
  write_class_names(request, plan);
  const auto shards = std::make_shared<Shards>(request, plan);
  return {.write = [](EncodedItem&) { return std::vector<WrittenFile>(); },
          .append = [shards](std::int64_t block, const EncodedItem& item) { shards->append(block, item); },
          .finish = [shards](std::int64_t block) { return shards->finish(block); },
          .place =
              [&plan](std::int64_t block, std::size_t index, std::size_t variant) {
                return fmt::format("{}/{}/{}.{}", plan.variant_folders[variant], shard_name(block), plan.names[index],
                                   plan.extension);
              }};
}

}  // namespace cuebench
