#include "training_log.hpp"

#include <bit>
#include <limits>

#include <fmt/format.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/parameters.hpp>

namespace cuebench {
namespace {

constexpr std::int64_t kColumns = 9;

std::string share(const std::optional<double>& value) {
  return value ? fmt::format("{:.6f}", *value) : std::string();
}

std::int64_t bits(double value) {
  return std::bit_cast<std::int64_t>(value);
}
std::int64_t bits(const std::optional<double>& value) {
  return bits(value.value_or(std::numeric_limits<double>::quiet_NaN()));
}
double number(std::int64_t value) {
  return std::bit_cast<double>(value);
}
std::optional<double> optional_number(std::int64_t value) {
  const double read = number(value);
  return read == read ? std::optional(read) : std::nullopt;
}

}  // namespace

std::string training_log_csv(const std::vector<TrainingLogRow>& rows) {
  std::string text =
      "epoch,step,learning_rate,train_loss,train_accuracy,validation_accuracy,validation_robust_accuracy,"
      "overfitting_check_accuracy,seconds\n";
  for (const TrainingLogRow& row : rows)
    text += fmt::format("{},{},{:.8g},{:.6f},{:.6f},{},{},{},{:.2f}\n", row.epoch, row.step, row.learning_rate,
                        row.train_loss, row.train_accuracy, share(row.validation_accuracy),
                        share(row.validation_robust_accuracy), share(row.overfitting_check), row.seconds);
  return text;
}

WeightTensor pack_log(const std::vector<TrainingLogRow>& rows) {
  WeightTensor tensor;
  tensor.shape = {static_cast<std::int64_t>(rows.size()), kColumns};
  tensor.stored_as = "int64";
  for (const TrainingLogRow& row : rows)
    tensor.integers.insert(tensor.integers.end(),
                           {row.epoch, row.step, bits(row.learning_rate), bits(row.train_loss),
                            bits(row.train_accuracy), bits(row.validation_accuracy),
                            bits(row.validation_robust_accuracy), bits(row.overfitting_check), bits(row.seconds)});
  return tensor;
}

std::vector<TrainingLogRow> unpack_log(const WeightTensor& tensor) {
  if (tensor.shape.size() != 2 || tensor.shape[1] != kColumns ||
      tensor.integers.size() != static_cast<std::size_t>(tensor.size()))
    throw UsageError("the saved log has another form");
  std::vector<TrainingLogRow> rows;
  for (const std::int64_t* field = tensor.integers.data(); field != tensor.integers.data() + tensor.integers.size();
       field += kColumns)
    rows.push_back({field[0], field[1], number(field[2]), number(field[3]), number(field[4]), optional_number(field[5]),
                    optional_number(field[6]), optional_number(field[7]), number(field[8])});
  return rows;
}

}  // namespace cuebench
