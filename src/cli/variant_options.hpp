#pragma once
// Options that every command has which makes variants of images in blocks: `evaluate` and `generate`.

#include <cstdint>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include <cuebench/report/manifest.hpp>

namespace cuebench::cli {

/// --suite, --variant, --masks, --styles, --exif-orientation into the members of the request that are called so.
template <typename Request>
void declare_variant_options(CLI::App& app, Request& request, const char* variant_help) {
  app.add_option("--suite", request.suite, "A named list of variants (`cuebench list suites`)")->type_name("S");
  app.add_option("--variant", request.variants, variant_help)->type_name("V")->expected(1, -1);
  app.add_option("--masks", request.masks, "Folder or archive of foreground masks, found by image name")
      ->type_name("PATH");
  app.add_option("--styles", request.styles, "Folder of style images for stylize; without it built-in ones")
      ->type_name("DIR");
  app.add_flag("--exif-orientation", request.apply_exif_orientation,
               "Turn photographs as their EXIF tag says (torchvision does not)");
}

/// "i/n" -> {i, n}; "" -> {0, 1}. @throws UsageError for another form; the range is checked with the request.
std::pair<int, int> parse_shard(const std::string& text);

/// What both manifests say: command, program, data, host, and the times of this session. `seconds`: of its work;
/// `complete`: no block of another shard is missing.
Manifest session_manifest(const std::string& configuration, const std::string& data_digest, double seconds,
                          std::int64_t images_this_session, bool complete);

}  // namespace cuebench::cli
