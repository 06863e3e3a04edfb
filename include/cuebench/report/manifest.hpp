#pragma once
// manifest.json: what ran, where, on what, and whether the result can be used. The only file with times.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

struct Manifest {
  /// Empty: valid.
  std::vector<std::string> invalid_reasons;
  std::string configuration;                    ///< resolved configuration, JSON text
  std::string command;                          ///< as typed
  std::map<std::string, std::string> versions;  ///< "cuebench", "revision", "libtorch", "opencv", ...
  std::map<std::string, std::string> seeds;
  std::map<std::string, std::string> hashes;   ///< "data", "model NAME", "variant TEXT": SHA-256
  std::map<std::string, std::int64_t> counts;  ///< "images", "bad_images"; left out of the text when empty
  std::map<std::string, std::string> host;     ///< "name", "cpu", "cores", "memory", "device", ...
  /// Model -> how often it decided as in fp32, where the run had another precision; left out of the text when empty.
  std::map<std::string, std::string> precision;
  std::map<std::string, std::string> times;  ///< "started", "finished" (ISO 8601, UTC), "seconds", "images_per_second"
};

/// @throws RunError when `configuration` is not JSON.
std::string manifest_json(const Manifest& manifest);
/// @throws RunError naming `source` when the text is not a manifest.
Manifest parse_manifest(std::string_view text, std::string_view source);

}  // namespace cuebench
