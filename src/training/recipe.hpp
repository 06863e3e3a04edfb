#pragma once
// The recipe: every choice that decides the trained weights, as JSON. It goes into the model's sidecar and tells
// whether a folder may be continued.

#include <string>
#include <string_view>

#include <cuebench/networks/network.hpp>
#include <cuebench/training/training.hpp>

#include "validation.hpp"

namespace cuebench {

/// What the recipe says beyond the request.
struct RecipeFacts {
  std::string architecture, method;                  ///< canonical texts
  std::string data_source, data_digest;              ///< as opened
  std::string validation_source, validation_digest;  ///< empty where a share is held out
  std::string preset;                                ///< canonical
  std::string from_digest;                           ///< SHA-256 of the checkpoint it starts from
  std::vector<double> milestones;                    ///< of the step schedule, resolved
  std::string robust_check;                          ///< "PGD-10, linf 8/255 on 256 images"; empty: none
  int threads = 1;
  std::string device;
};

std::string recipe_json(const TrainingRequest& request, const RecipeFacts& facts);

/// "epochs is 30 there and 20 here" for the first entry that differs; "" where both recipes give the same weights.
/// Where the data lie does not count, their digests do.
std::string recipe_difference(std::string_view there, std::string_view here);

}  // namespace cuebench
