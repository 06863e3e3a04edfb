#pragma once
// The first images of a run, for what is looked at before it streams.

#include <vector>

#include <ATen/core/Tensor.h>

#include "preparation.hpp"

namespace cuebench {

struct FirstImages {
  at::Tensor images;               ///< as `to_tensor` gives them, on the host
  std::vector<std::size_t> items;  ///< of the run
};

/// At most `count` images that can be read, as the model sees them; those of another size than the first are left out.
FirstImages first_images(const Preparation& run, const PreparedModel& prepared, std::size_t count);

}  // namespace cuebench
