#include "variant_options.hpp"

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>
#include <cuebench/core/version.hpp>

#include "host_facts.hpp"

namespace cuebench::cli {

std::pair<int, int> parse_shard(const std::string& text) {
  if (text.empty()) return {0, 1};
  const auto slash = text.find('/');
  if (slash == std::string::npos) throw UsageError(fmt::format("--shard '{}' is not i/n, such as 0/4", text));
  return {static_cast<int>(parse_integer("--shard", text.substr(0, slash))),
          static_cast<int>(parse_integer("--shard", text.substr(slash + 1)))};
}

Manifest session_manifest(const std::string& configuration, const std::string& data_digest, double seconds,
                          std::int64_t images_this_session, bool complete) {
  Manifest manifest;
  manifest.configuration = configuration;
  manifest.command = command_line();
  manifest.versions = {{"cuebench", std::string(version())}, {"revision", std::string(revision())}};
  manifest.hashes = {{"data", data_digest}};
  manifest.host = host_facts();
  manifest.times = {{"finished", utc_now()},
                    {"seconds", fmt::format("{:.1f}", seconds)},
                    {"images", std::to_string(images_this_session)}};
  if (seconds > 0)
    manifest.times["images_per_second"] = fmt::format("{:.1f}", static_cast<double>(images_this_session) / seconds);
  if (!complete) manifest.invalid_reasons.push_back("blocks of other shards are missing");
  return manifest;
}

}  // namespace cuebench::cli
