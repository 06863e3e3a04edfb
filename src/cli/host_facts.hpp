#pragma once
// What a manifest and `doctor` say about the machine.

#include <map>
#include <string>

namespace cuebench::cli {

/// "cpu", "cores", "memory", "system"; no host name.
std::map<std::string, std::string> host_facts();
/// The command as typed, from /proc.
std::string command_line();
/// ISO 8601, UTC, whole seconds.
std::string utc_now();

}  // namespace cuebench::cli
