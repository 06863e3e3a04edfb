#pragma once
// What the name of a stimulus says.

#include <optional>
#include <string_view>

namespace cuebench::scoring {

/// The part of a name that all observers share, as model-vs-human cuts it: the text behind the last '_', together with
/// the part before it where that begins with "n0" (a WordNet id: n04111531_14126.png).
std::string_view shared_image_name(std::string_view name);

struct CueLabels {
  int shape = 0, texture = 0;
};
/// Both categories of SHAPE<n>-TEXTURE<n>, with or without an extension; nothing for any other name.
std::optional<CueLabels> cue_labels(std::string_view shared_name);

}  // namespace cuebench::scoring
