#pragma once
// Interprets the subset of Python's pickle (protocols 2 to 5) that torch.save writes for tensors, numbers, texts and
// containers. Opcodes and their meaning: Lib/pickletools.py of CPython. Nothing is called, nothing recurses.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "pickle_values.hpp"

namespace cuebench {

class PickleMachine {
 public:
  /// `at_end` is the problem reported when the stream ends before STOP. All must outlive the machine.
  PickleMachine(Bytes bytes, PickleHeap& heap, const CheckpointFile& file, CheckpointProblem at_end)
      : bytes_(bytes), heap_(heap), file_(file), at_end_(at_end) {}

  /// Runs to the STOP opcode and returns the value. Several pickles may follow one another in `bytes`.
  PickleValue run();
  /// Offset of the byte behind the last STOP.
  std::size_t position() const { return position_; }

 private:
  [[noreturn]] void malformed(std::string_view cause) const;
  Bytes take(std::uint64_t count);
  template <typename T>
  T number() {
    return load<T>(take(sizeof(T)), 0);
  }
  std::string_view line();

  void step(std::uint8_t opcode);
  bool step_scalar(std::uint8_t opcode);
  bool step_text(std::uint8_t opcode);
  bool step_stack(std::uint8_t opcode);
  bool step_sequence(std::uint8_t opcode);
  bool step_dictionary(std::uint8_t opcode);
  bool step_memo(std::uint8_t opcode);
  bool step_call(std::uint8_t opcode);

  void push(PickleValue value);
  PickleValue pop();
  PickleValue& top();
  std::vector<PickleValue> pop_to_mark();
  void push_text(std::uint64_t count);
  void push_long(std::uint64_t count);
  void push_tuple(std::size_t count);
  void append(std::vector<PickleValue> items);
  void set_items(std::vector<PickleValue> items);
  void remember(std::uint64_t slot);
  void recall(std::uint64_t slot);
  void build();

  Bytes bytes_;
  PickleHeap& heap_;
  const CheckpointFile& file_;
  CheckpointProblem at_end_;
  std::size_t position_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleValue> memo_;
};

}  // namespace cuebench
