#pragma once

#include <string_view>

namespace cuebench {

/// "0.1.0"
std::string_view version();
/// Short revision of the checkout that was built, with "+changes" if it had uncommitted ones; "unknown" outside git.
std::string_view revision();

}  // namespace cuebench
