#pragma once
// Small networks and data for the training tests.

#include <filesystem>
#include <string>

#include <ATen/core/Tensor.h>

#include <cuebench/networks/architecture.hpp>
#include <cuebench/training/training.hpp>

namespace cuebench::test {

/// conv 3->6 (stride 2), batch norm, ReLU, conv 6->6, batch norm, sum with the first ReLU, ReLU, global mean, linear to
/// 4 classes, on 3x8x8 images; parameters named as in tests/parity/training_torch.py; initial weights from `seed`.
/// `modules`, such as "cifs:after=block1/block2", go behind the ReLUs.
AssembledNetwork toy_network(std::uint64_t seed, std::string_view modules = "");

/// Uniform in [0, 1), and labels 0 to 3.
at::Tensor toy_images(std::uint64_t seed, std::int64_t count);
at::Tensor toy_labels(std::uint64_t seed, std::int64_t count);

/// A folder with one subfolder a class of 8x8 PNGs that differ by colour so much that any network tells them apart.
void write_separable_folder(const std::filesystem::path& folder, int images_per_class);

/// Trains a small convolutional network on such a folder; quick, deterministic.
TrainingRequest toy_request(const std::filesystem::path& data, const std::filesystem::path& out);

/// The sentence of the UsageError or RunError, or "".
std::string refusal(const TrainingRequest& request);

}  // namespace cuebench::test
