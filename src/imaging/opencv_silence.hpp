#pragma once
// OpenCV prints errors that it also throws or returns; a bad image must not write to the user's terminal.

namespace cuebench {

/// Switches off OpenCV's own log and error printing for the process, and its thread pool (threads have one budget).
/// Cheap after the first call; thread-safe.
void silence_opencv();

}  // namespace cuebench
