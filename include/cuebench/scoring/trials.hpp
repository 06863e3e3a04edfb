#pragma once
// Per-trial answers of human observers and networks, column by column. Texts are kept once and named by number, so that
// a million trials take some tens of megabytes.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cuebench/scoring/flat_index.hpp>
#include <cuebench/scoring/image_names.hpp>

namespace cuebench::scoring {

/// Texts, each kept once; a text's number is the order in which it was first seen.
class Names {
 public:
  std::uint32_t number_of(std::string_view text);
  const std::string& operator[](std::uint32_t number) const { return texts_[number]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;
  FlatIndex index_;
};

struct TrialTable {
  Names observers, sets, conditions, images, files;
  std::vector<std::optional<CueLabels>> cues;  ///< by image
  // One entry a trial in each column.
  std::vector<std::uint32_t> set, observer, file, line;
  std::vector<std::uint32_t> condition;  ///< canonical text (conditions.hpp); "" where the file has none
  std::vector<std::uint32_t> image;      ///< join key: the image's name without what is the observer's own
  std::vector<std::int32_t> session;
  std::vector<std::int8_t> category;  ///< 0 to 15
  std::vector<std::int8_t> response;  ///< 0 to 15, or kNoResponse

  std::size_t size() const { return set.size(); }
};

/// Something about the input that the reader accepts and the user must know.
struct Finding {
  std::string file;
  std::size_t line = 0;  ///< the first one, or 0 where it is about the file
  std::int64_t count = 1;
  std::string text;
  std::string sentence() const;
};

}  // namespace cuebench::scoring
