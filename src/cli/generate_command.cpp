#include "generate_command.hpp"

#include <memory>
#include <tuple>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cuebench/core/files.hpp>
#include <cuebench/generation/generation.hpp>
#include <cuebench/report/manifest.hpp>

#include "variant_options.hpp"

namespace cuebench::cli {
namespace {

struct GenerateOptions {
  GenerationRequest request;
  std::string shard, on_bad_image = "record";
};

void declare_input(CLI::App& app, GenerationRequest& request) {
  app.add_option("--data", request.data,
                 "Images: KIND:PATH, a path whose kind is recognised, or synthetic[:key=value,...] "
                 "(`cuebench list datasets`)")
      ->type_name("SRC");
  declare_variant_options(app, request,
                          "NAME[:key=value,...][+NAME...] (`cuebench list variants`); `clean` is always written");
  app.add_option("--preset", request.preset, "Geometry (`cuebench list presets`); none: as the images are")
      ->type_name("P")
      ->capture_default_str();
}

void declare_output(CLI::App& app, GenerateOptions& options) {
  auto& request = options.request;
  app.add_option("--out", request.out, "Folder; one of the same configuration is continued")->type_name("DIR");
  app.add_option("--format", request.format,
                 "folder: DIR/VARIANT/CLASS/NAME; webdataset: tar files DIR/VARIANT/NNNNNN.tar of samples")
      ->check(CLI::IsMember({"folder", "webdataset"}))
      ->capture_default_str();
  app.add_option("--shard-items", request.shard_items, "Images in a tar file of webdataset (default: 1024)")
      ->type_name("N");
  app.add_option("--preview", request.preview,
                 "Only one picture: a row an image (--limit, 6 by default, at most 24), a column a variant")
      ->type_name("FILE.png");
  app.add_option("--encode", request.encode, "png and webp are lossless; jpeg changes the pixels")
      ->check(CLI::IsMember({"png", "jpeg", "webp"}))
      ->capture_default_str();
  app.add_option("--quality", request.quality, "Of jpeg, 1 to 100, without chroma subsampling")->capture_default_str();
  app.add_flag("--overwrite", request.overwrite, "Remove what another configuration wrote into the folder, and start");
  app.add_option("--on-bad-image", options.on_bad_image, "record: a row in bad_images.csv; fail: stop")
      ->check(CLI::IsMember({"record", "fail"}))
      ->capture_default_str();
  app.add_option("--limit", request.limit, "Only N images, spread evenly over the data set")->type_name("N");
  app.add_option("--shard", options.shard,
                 "Every n-th block of images, beginning with block i (0-based); all shards "
                 "write into one folder")
      ->type_name("i/n");
  app.add_option("--seed", request.seed, "Seed of the variants (the data set has its own)")
      ->capture_default_str()
      ->group("Common");
  app.add_option("--threads", request.threads, "Worker threads (default: all cores)")->type_name("N")->group("Common");
}

Manifest make_manifest(const GenerationRequest& request, const GenerationFacts& facts) {
  Manifest manifest = session_manifest(facts.configuration, facts.data_digest, facts.seconds, facts.images_this_session,
                                       facts.complete);
  manifest.seeds = {{"variants", std::to_string(request.seed)}};
  manifest.counts = {{"images", facts.images}, {"bad_images", facts.bad_images}};
  manifest.hashes.insert(facts.digests.begin(), facts.digests.end());
  if (facts.complete && facts.images == facts.bad_images) manifest.invalid_reasons.push_back("no image could be read");
  return manifest;
}

void run_generate(GenerateOptions& options, const CommonOptions& common) {
  auto& request = options.request;
  std::tie(request.shard, request.shards) = parse_shard(options.shard);
  request.fail_on_bad_image = options.on_bad_image == "fail";
  if (!request.preview.empty()) {
    preview_variants(request);
    fmt::print("{}\n", request.preview.string());
    return;
  }
  const GenerationFacts facts = generate(request, common.reporting);
  write_file_atomically(request.out / "manifest.json", manifest_json(make_manifest(request, facts)));
  if (!facts.complete) {
    spdlog::info("this shard is finished; the last one to finish writes items.csv");
    return;
  }
  fmt::print("{}: {} images x {} variants{}\n", request.out.string(), facts.images - facts.bad_images, facts.variants,
             facts.bad_images == 0 ? "" : fmt::format("; {} bad images, see bad_images.csv", facts.bad_images));
}

}  // namespace

std::function<void()> declare_generate(CLI::App& app, const CommonOptions& common, const NetworkOpener& open_network) {
  auto options = std::make_shared<GenerateOptions>();
  options->request.open_network = open_network;
  declare_input(app, options->request);
  declare_output(app, *options);
  return [options, &common] { run_generate(*options, common); };
}

}  // namespace cuebench::cli
