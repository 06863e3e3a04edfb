#pragma once
// Questions to the second implementations in PyTorch under tests/parity.

#include <string>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

namespace cuebench::test {

/// Lists in lists, as torch.tensor() reads them.
nlohmann::json nested(const at::Tensor& tensor);

bool torch_is_here();

/// What `script` of tests/parity prints for a file with `cases`.
nlohmann::json answers_of_torch(const std::string& script, const nlohmann::json& cases);

}  // namespace cuebench::test
