#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include "labelled_images.hpp"

#include <algorithm>
#include <stdexcept>

#include <ATen/ops/empty.h>

namespace cuebench {

at::Tensor index_tensor(const std::vector<std::int64_t>& values, const at::Device& device) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), tensor.data_ptr<std::int64_t>());
  return tensor.to(device);
}

AttackTarget select_images(const AttackTarget& target, const std::vector<std::int64_t>& rows) {
  AttackTarget part = target;
  part.images = target.images.index_select(0, index_tensor(rows, target.images.device()));
  part.labels.clear();
  part.item_ids.clear();
  for (const std::int64_t i : rows) {
    part.labels.push_back(target.labels[static_cast<std::size_t>(i)]);
    if (!target.item_ids.empty()) part.item_ids.push_back(target.item_ids[static_cast<std::size_t>(i)]);
  }
  return part;
}

at::Tensor attack_labelled_images(const AttackTarget& target, const Attack& attack) {
  if (target.labels.size() != static_cast<std::size_t>(target.images.size(0)))
    throw std::invalid_argument("an attack needs one label per image, -1 where there is none");
  std::vector<std::int64_t> labelled;
  for (std::size_t i = 0; i < target.labels.size(); ++i)
    if (target.labels[i] >= 0) labelled.push_back(static_cast<std::int64_t>(i));
  if (labelled.empty()) return target.images;
  if (labelled.size() == target.labels.size()) return attack(target);

  const at::Tensor rows = index_tensor(labelled, target.images.device());
  return target.images.clone().index_copy_(0, rows, attack(select_images(target, labelled)));
}

}  // namespace cuebench
