#include "../kernels/jpeg_pass.hpp"
#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow& parameters, CorruptionScale) {
  return [quality = static_cast<int>(parameters[0])](const Image& image, RandomStream&) {
    return through_jpeg(image, quality);
  };
}

}  // namespace

extern constinit const CorruptionInfo jpeg_compression_corruption = {
    .name = "jpeg_compression",
    .formula = "JPEG of quality c, 4:2:0",
    .imagenet = {{{25}, {18}, {15}, {10}, {7}}},
    .cifar = {{{80}, {65}, {58}, {50}, {40}}},
    .tiny = {{{65}, {58}, {50}, {40}, {25}}},
    .make = make,
};

}  // namespace cuebench
