#pragma once
// The layers of an nn.Sequential: as JSON in a sidecar, and as the one-line text that names the architecture.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench {

struct SequentialLayer {
  std::string kind;  ///< conv, batch_norm, relu, max_pool, average_pool, global_average_pool, flatten, linear, dropout
  std::string name;  ///< module name; "" = its position
  std::int64_t out = 0;  ///< conv, linear; 0 on the last linear = the number of classes
  std::int64_t kernel = 0, stride = 0, padding = 0, groups = 1;
  bool bias = true, ceil_mode = false;
  double epsilon = 1e-5;
};

/// [{"conv": {"out": 16, "kernel": 4, "stride": 2, "padding": 1}}, "relu", {"max_pool": 2}, "flatten", {"linear": 10}].
/// `where` names the file in messages. @throws UsageError naming the layer, what is wrong and what is right.
std::vector<SequentialLayer> parse_layers_json(std::string_view json, std::string_view where);

/// "conv16k4s2p1-relu-max_pool2s2-flatten-linear10": layers joined with '-'; a number is `out`, the kernel of a pool or
/// the epsilon of batch_norm; k kernel, s stride, p padding, g groups, b0 no bias, c1 ceil mode; @name last.
/// @throws UsageError.
std::vector<SequentialLayer> parse_layers_text(std::string_view text);

/// The text that parse_layers_text reads back to equal layers; defaults are left out.
std::string layers_text(const std::vector<SequentialLayer>& layers);

}  // namespace cuebench
