#include "listing_digest.hpp"

#include <cuebench/core/digest.hpp>

namespace cuebench {

std::string listing_digest(const Dataset& dataset) {
  Sha256 digest;
  std::string text;
  // A zero byte ends each text, since it is the one byte that no path holds.
  for (const auto& name : dataset.classes) text.append(name).push_back('\0');
  text.push_back('\n');
  for (const auto& item : dataset.items) {
    text.append(item.id).push_back('\0');
    text += std::to_string(item.label) + ' ' + std::to_string(item.shape_label) + ' ' +
            std::to_string(item.texture_label) + ' ' + std::to_string(item.bytes) + '\n';
    if (text.size() > 65536) {
      digest.update(text);
      text.clear();
    }
  }
  digest.update(text);
  return digest.finish();
}

}  // namespace cuebench
