#include <string>

#include <cuebench/core/errors.hpp>
#include <cuebench/training/method.hpp>

namespace cuebench {

const TrainingMethodInfo& find_training_method(std::string_view name) {
  std::vector<std::string> names;
  for (const TrainingMethodInfo* info : registered_training_methods()) {
    if (info->name == name) return *info;
    names.emplace_back(info->name);
  }
  throw UsageError(unknown_name_message("training method", name, names, "`cuebench train --help` lists all"));
}

}  // namespace cuebench
