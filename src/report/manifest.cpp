#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/report/manifest.hpp>

namespace cuebench {
namespace {

using Json = nlohmann::ordered_json;

/// File names may hold bytes that are not UTF-8; they become U+FFFD.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string manifest_json(const Manifest& manifest) {
  Json json;
  json["verdict"] = manifest.invalid_reasons.empty() ? "valid" : "invalid";
  json["reasons"] = manifest.invalid_reasons;
  json["command"] = manifest.command;
  const std::string configuration = manifest.configuration.empty() ? "{}" : manifest.configuration;
  json["configuration"] = Json::parse(configuration, nullptr, false);
  if (json["configuration"].is_discarded())
    throw RunError(fmt::format("the configuration of the manifest is not JSON: {:.80}", manifest.configuration));
  json["versions"] = manifest.versions;
  json["seeds"] = manifest.seeds;
  json["hashes"] = manifest.hashes;
  if (!manifest.counts.empty()) json["counts"] = manifest.counts;
  json["host"] = manifest.host;
  if (!manifest.precision.empty()) json["precision"] = manifest.precision;
  json["times"] = manifest.times;
  return dump(json);
}

Manifest parse_manifest(std::string_view text, std::string_view source) {
  try {
    const Json json = Json::parse(text);
    Manifest manifest;
    manifest.invalid_reasons = json.at("reasons").get<std::vector<std::string>>();
    manifest.command = json.at("command").get<std::string>();
    manifest.configuration = json.at("configuration").dump(2);
    manifest.versions = json.at("versions").get<std::map<std::string, std::string>>();
    manifest.seeds = json.at("seeds").get<std::map<std::string, std::string>>();
    manifest.hashes = json.at("hashes").get<std::map<std::string, std::string>>();
    manifest.counts = json.value("counts", std::map<std::string, std::int64_t>());
    manifest.host = json.at("host").get<std::map<std::string, std::string>>();
    manifest.precision = json.value("precision", std::map<std::string, std::string>());
    manifest.times = json.at("times").get<std::map<std::string, std::string>>();
    return manifest;
  } catch (const nlohmann::json::exception&) {
    throw RunError(fmt::format("'{}' is not a manifest of a run: remove it, or run `cuebench evaluate` again", source));
  }
}

}  // namespace cuebench
