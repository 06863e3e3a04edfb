#include "corruption.hpp"

namespace cuebench {
namespace {

Corruption make(const SeverityRow&, CorruptionScale) {
  return [](const Image& image, RandomStream&) { return image; };
}

}  // namespace

extern constinit const CorruptionInfo none_corruption = {
    .name = "none",
    .formula = "x: what saving alone does, at every severity",
    .imagenet = {},
    .cifar = {},
    .tiny = {},
    .make = make,
};

}  // namespace cuebench
