#pragma once
// The log of a training run: rows, their CSV text, and their place in a saved state.

#include <string>
#include <vector>

#include <cuebench/networks/checkpoint.hpp>
#include <cuebench/training/training.hpp>

namespace cuebench {

/// epoch,step,learning_rate,train_loss,train_accuracy,validation_accuracy,validation_robust_accuracy,
/// overfitting_check_accuracy,seconds; what was not measured is an empty field.
std::string training_log_csv(const std::vector<TrainingLogRow>& rows);

/// The rows to the last bit, as integers [rows, columns].
WeightTensor pack_log(const std::vector<TrainingLogRow>& rows);
/// @throws UsageError when the tensor is no packed log.
std::vector<TrainingLogRow> unpack_log(const WeightTensor& tensor);

}  // namespace cuebench
