#pragma once
// Reading the archives of reference images.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace cuebench::test {

/// Calls `visit` with the name and content of each file of a tar, in its order. @throws std::runtime_error.
void for_each_member(const std::filesystem::path& tar,
                     const std::function<void(const std::string& name, std::span<const std::byte> bytes)>& visit);

}  // namespace cuebench::test
