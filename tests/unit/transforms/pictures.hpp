#pragma once
// Pictures for the tests of this layer: drawn ones, and photographs from the reference data.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <cuebench/imaging/image.hpp>

namespace cuebench::test {

/// Smooth ramps, a disc with an outline and some noise; different for every `seed`.
Image drawn_picture(int height, int width, std::uint64_t seed = 1);
/// Independent uniform values.
Image noise_picture(int height, int width, std::uint64_t seed = 1);

/// The pixels as a key for sets and maps.
inline std::string key_of(const Image& image) {
  return {image.pixels.begin(), image.pixels.end()};
}

/// Members of a tar archive whose name ends in `ending`, in the archive's order: calls visit(name, content).
void for_each_member(const std::filesystem::path& tar, const std::string& ending,
                     const std::function<void(const std::string& name, const std::vector<std::byte>& content)>& visit);

/// Every `step`-th photograph of the archive, through the geometry 256 -> 224.
std::vector<Image> photographs(const std::filesystem::path& tar, int step = 1);

}  // namespace cuebench::test
