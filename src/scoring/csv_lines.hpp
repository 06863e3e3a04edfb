#pragma once
// Splits CSV text into fields that point into it.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cuebench::scoring {

/// Text without a byte-order mark.
std::string_view without_mark(std::string_view text);
/// Fields of the first line, in lower case.
std::vector<std::string> header_fields(std::string_view text);
/// Calls `visit(line, fields)` for every line behind the first that is not blank; lines count from 1. Texts with quotes
/// go through core's parser, whose errors name `file`.
void for_each_line(std::string_view text, std::string_view file,
                   const std::function<void(std::size_t, std::span<const std::string_view>)>& visit);

}  // namespace cuebench::scoring
