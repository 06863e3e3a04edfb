#include <span>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <cuebench/core/digest.hpp>
#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>

#include "sink.hpp"

namespace cuebench {
namespace {

void make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw RunError(fmt::format("cannot make the folder '{}': {}", folder.string(), failed.message()));
}

void make_class_folders(const GenerationRequest& request, const GenerationPlan& plan) {
  for (const auto& variant : plan.variant_folders) {
    make_folder(request.out / variant);
    for (const auto& name : plan.class_folders) make_folder(request.out / variant / name);
  }
}

WrittenFile write_file(const std::filesystem::path& out, const std::string& file, std::span<const std::byte> bytes) {
  const std::filesystem::path path = out / file;
  make_folder(path.parent_path());
  const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  // Not synced one by one, which would cost more than all else; the block's record lists sizes, so a file that a power
  // cut emptied is made again.
  write_file_atomically(path, content, Durability::cached);
  return {file, bytes.size(), sha256_of_text(content)};
}

}  // namespace

Sink folder_sink(const GenerationRequest& request, const GenerationPlan& plan) {
  make_class_folders(request, plan);
  const auto place = [&plan](std::int64_t, std::size_t index, std::size_t variant) {
    return fmt::format("{}/{}.{}", plan.variant_folders[variant], plan.name_in(variant, index), plan.extension);
  };
  const auto write = [&request, &plan, place](EncodedItem& item) {
    std::vector<WrittenFile> files;
    for (std::size_t v = 0; v < item.variants.size(); ++v) {
      files.push_back(write_file(request.out, place(0, item.index, v), item.variants[v].bytes));
      item.variants[v].bytes = {};
    }
    if (!item.mask.empty())
      files.push_back(
          write_file(request.out, fmt::format("{}/{}.png", kMaskFolder, plan.names[item.index]), item.mask));
    item.mask = {};
    return files;
  };
  return {.write = write,
          .append = [](std::int64_t, const EncodedItem&) {},
          .finish = [](std::int64_t) { return std::vector<WrittenFile>(); },
          .place = place};
}

}  // namespace cuebench
