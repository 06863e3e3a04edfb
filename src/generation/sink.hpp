#pragma once
// Where encoded items go: one function a format makes a Sink.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "item_files.hpp"
#include "output_state.hpp"
#include "plan.hpp"

namespace cuebench {

/// How a format takes the items of the blocks. All functions throw RunError when a file cannot be written; files then
/// lie complete under their names or not at all.
struct Sink {
  /// Called for every item, on any thread: writes what needs no order and takes those bytes out of `item`.
  std::function<std::vector<WrittenFile>(EncodedItem& item)> write;
  /// Called on one thread at a time, with a block's items in data set order, after `write`.
  std::function<void(std::int64_t block, const EncodedItem& item)> append;
  /// Called when the block's last item is appended; returns the files that this completes.
  std::function<std::vector<WrittenFile>(std::int64_t block)> finish;
  /// Where items.csv says that the image lies.
  std::function<std::string(std::int64_t block, std::size_t index, std::size_t variant)> place;
};

/// VARIANT/CLASS/NAME.png and masks/CLASS/NAME.png; makes the folders of all classes, so that their indices stay.
/// `request` and `plan` must outlive the sink, here and below.
Sink folder_sink(const GenerationRequest& request, const GenerationPlan& plan);

/// VARIANT/NNNNNN.tar, one a block, in the layout of the Python library webdataset; VARIANT/classes.txt.
Sink webdataset_sink(const GenerationRequest& request, const GenerationPlan& plan);

}  // namespace cuebench
