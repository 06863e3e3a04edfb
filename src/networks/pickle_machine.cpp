#include "pickle_machine.hpp"

#include <algorithm>
#include <bit>

#include "pickle_opcodes.hpp"
#include "torch_globals.hpp"

namespace cuebench {
namespace {

// A state_dict of a thousand layers has some ten thousand objects, and its stack holds a batch of a thousand items.
constexpr std::size_t kMostObjects = std::size_t{1} << 20;
constexpr std::size_t kDeepestStack = std::size_t{1} << 16;
constexpr std::size_t kMostMemoSlots = std::size_t{1} << 21;
constexpr std::size_t kLongestLine = 4096;
constexpr std::uint8_t kHighestProtocol = 5;

}  // namespace

PickleValue PickleMachine::run() {
  stack_.clear();
  marks_.clear();
  memo_.clear();
  for (;;) {
    const auto opcode = number<std::uint8_t>();
    if (opcode == kStop) break;
    step(opcode);
    if (heap_.objects() > kMostObjects)
      file_.refuse(CheckpointProblem::size_limit,
                   "holds more than a million objects: refused; save only the weights, "
                   "with torch.save(model.state_dict())");
  }
  const PickleValue result = pop();
  if (!stack_.empty() || !marks_.empty()) malformed("it ends with values left over");
  return result;
}

void PickleMachine::malformed(std::string_view cause) const {
  file_.refuse(CheckpointProblem::malformed_pickle, "is damaged: " + std::string(cause) + " (byte " +
                                                        std::to_string(position_) +
                                                        " of the pickle); download or save it again");
}

Bytes PickleMachine::take(std::uint64_t count) {
  const auto found = slice(bytes_, position_, count);
  if (!found) file_.refuse(at_end_, "is damaged: its pickle ends too early; download or save it again");
  position_ += found->size();
  return *found;
}

std::string_view PickleMachine::line() {
  const std::string_view rest = as_text(bytes_.subspan(position_, std::min(bytes_.size() - position_, kLongestLine)));
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) malformed("a name is not ended");
  position_ += end + 1;
  return rest.substr(0, end);
}

void PickleMachine::step(std::uint8_t opcode) {
  if (step_scalar(opcode) || step_text(opcode) || step_stack(opcode) || step_memo(opcode) || step_call(opcode)) return;
  malformed("unknown opcode " + std::to_string(opcode));
}

bool PickleMachine::step_scalar(std::uint8_t opcode) {
  switch (opcode) {
    case kProtocol:
      if (const auto protocol = number<std::uint8_t>(); protocol > kHighestProtocol)
        malformed("pickle protocol " + std::to_string(protocol) + " is unknown");
      return true;
    case kFrame:
      number<std::uint64_t>();  // a hint for readers of streams
      return true;
    case kNone:
      push({});
      return true;
    case kTrue:
    case kFalse:
      push({PickleKind::boolean, opcode == kTrue});
      return true;
    case kBinaryInteger:
      push({PickleKind::integer, number<std::int32_t>()});
      return true;
    case kByteInteger:
      push({PickleKind::integer, number<std::uint8_t>()});
      return true;
    case kShortInteger:
      push({PickleKind::integer, number<std::uint16_t>()});
      return true;
    case kLong1:
      push_long(number<std::uint8_t>());
      return true;
    case kLong4:
      push_long(number<std::uint32_t>());
      return true;
    case kBinaryFloat: {  // the only big-endian number of the format
      std::uint64_t bits = 0;
      for (const std::byte byte : take(8)) bits = bits << 8 | std::to_integer<std::uint64_t>(byte);
      push({PickleKind::real, 0, std::bit_cast<double>(bits)});
      return true;
    }
    default:
      return false;
  }
}

bool PickleMachine::step_text(std::uint8_t opcode) {
  switch (opcode) {
    case kShortBinaryString:
    case kShortBinaryUnicode:
    case kShortBinaryBytes:
      push_text(number<std::uint8_t>());
      return true;
    case kBinaryString:
    case kBinaryText:
    case kBinaryBytes:
      push_text(number<std::uint32_t>());
      return true;
    case kLongBinaryUnicode:
    case kLongBinaryBytes:
      push_text(number<std::uint64_t>());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_stack(std::uint8_t opcode) {
  switch (opcode) {
    case kMark:
      if (marks_.size() >= kDeepestStack) malformed("it is nested too deeply");
      marks_.push_back(stack_.size());
      return true;
    case kPop:
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    case kPopMark:
      pop_to_mark();
      return true;
    case kDuplicate:
      push(PickleValue(top()));
      return true;
    default:
      return step_sequence(opcode) || step_dictionary(opcode);
  }
}

bool PickleMachine::step_sequence(std::uint8_t opcode) {
  switch (opcode) {
    case kEmptyTuple:
      push_tuple(0);
      return true;
    case kTuple1:
    case kTuple2:
    case kTuple3:
      push_tuple(opcode - kTuple1 + 1);
      return true;
    case kTuple:
      push(heap_.add_sequence(PickleKind::tuple, pop_to_mark()));
      return true;
    case kEmptyList:
      push(heap_.add_sequence(PickleKind::list, {}));
      return true;
    case kList:
      push(heap_.add_sequence(PickleKind::list, pop_to_mark()));
      return true;
    case kAppend:
      append({pop()});
      return true;
    case kAppends:
    case kAddItems:
      append(pop_to_mark());
      return true;
    case kEmptySet:
      push(heap_.add_sequence(PickleKind::set, {}));
      return true;
    case kFrozenSet:
      push(heap_.add_sequence(PickleKind::set, pop_to_mark()));
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_dictionary(std::uint8_t opcode) {
  switch (opcode) {
    case kEmptyDictionary:
      push(heap_.add_dictionary());
      return true;
    case kDictionary: {
      auto items = pop_to_mark();
      push(heap_.add_dictionary());
      set_items(std::move(items));
      return true;
    }
    case kSetItem: {
      const PickleValue value = pop(), key = pop();
      set_items({key, value});
      return true;
    }
    case kSetItems:
      set_items(pop_to_mark());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_memo(std::uint8_t opcode) {
  switch (opcode) {
    case kPut:
      remember(number<std::uint8_t>());
      return true;
    case kLongPut:
      remember(number<std::uint32_t>());
      return true;
    case kMemoize:
      remember(memo_.size());
      return true;
    case kGet:
      recall(number<std::uint8_t>());
      return true;
    case kLongGet:
      recall(number<std::uint32_t>());
      return true;
    default:
      return false;
  }
}

bool PickleMachine::step_call(std::uint8_t opcode) {
  switch (opcode) {
    case kGlobal:
    case kInstance: {
      const std::string_view module = line(), name = line();
      const PickleValue global = resolve_global(module, name, file_);
      if (opcode == kInstance) malformed("it builds an instance in the way of Python 1");
      push(global);
      return true;
    }
    case kStackGlobal: {
      const PickleValue name = pop(), module = pop();
      if (name.kind != PickleKind::text || module.kind != PickleKind::text) malformed("a global has no name");
      push(resolve_global(heap_.text(module), heap_.text(name), file_));
      return true;
    }
    case kReduce:
    case kNewObject: {
      const PickleValue arguments = pop(), global = pop();
      push(apply_global(heap_, global, arguments, file_));
      return true;
    }
    case kPersistent:
      push(resolve_persistent(heap_, pop(), file_));
      return true;
    case kBuild:
      build();
      return true;
    case kExtension1:
    case kExtension2:
    case kExtension4:
      file_.refuse(CheckpointProblem::forbidden_global,
                   "wants an object of Python's extension registry: refused; a state_dict saved with "
                   "torch.save(model.state_dict()) loads");
    default:
      return false;
  }
}

void PickleMachine::push(PickleValue value) {
  if (stack_.size() >= kDeepestStack) malformed("it is nested too deeply");
  stack_.push_back(value);
}

PickleValue& PickleMachine::top() {
  const std::size_t floor = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= floor) malformed("a value is missing");
  return stack_.back();
}

PickleValue PickleMachine::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

std::vector<PickleValue> PickleMachine::pop_to_mark() {
  if (marks_.empty()) malformed("a mark is missing");
  std::vector<PickleValue> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
  stack_.resize(marks_.back());
  marks_.pop_back();
  return items;
}

void PickleMachine::push_text(std::uint64_t count) {
  push(heap_.add_text(std::string(as_text(take(count)))));
}

/// Little-endian two's complement of any length; more than 64 bits stay bytes (the magic number of legacy files).
void PickleMachine::push_long(std::uint64_t count) {
  const Bytes digits = take(count);
  if (digits.size() > sizeof(std::int64_t)) {
    push(heap_.add_text(std::string(as_text(digits)), PickleKind::long_integer));
    return;
  }
  const bool negative = !digits.empty() && std::to_integer<int>(digits.back()) >= 0x80;
  std::uint64_t bits = negative ? ~std::uint64_t{0} : 0;
  for (std::size_t i = digits.size(); i-- > 0;) bits = bits << 8 | std::to_integer<std::uint64_t>(digits[i]);
  push({PickleKind::integer, static_cast<std::int64_t>(bits)});
}

void PickleMachine::push_tuple(std::size_t count) {
  PickleHeap::Sequence items(count);
  for (std::size_t i = count; i-- > 0;) items[i] = pop();
  push(heap_.add_sequence(PickleKind::tuple, std::move(items)));
}

void PickleMachine::append(std::vector<PickleValue> items) {
  const PickleValue target = top();
  if (target.kind != PickleKind::list && target.kind != PickleKind::set) malformed("it appends to what is no list");
  PickleHeap::Sequence& sequence = heap_.sequence(target);
  sequence.insert(sequence.end(), items.begin(), items.end());
}

void PickleMachine::set_items(std::vector<PickleValue> items) {
  const PickleValue target = top();
  if (target.kind != PickleKind::dictionary) malformed("it sets items of what is no dictionary");
  if (items.size() % 2 != 0) malformed("a dictionary key has no value");
  PickleHeap::Dictionary& dictionary = heap_.dictionary(target);
  for (std::size_t i = 0; i < items.size(); i += 2) dictionary.emplace_back(items[i], items[i + 1]);
}

void PickleMachine::remember(std::uint64_t slot) {
  if (memo_.size() >= kMostMemoSlots) malformed("it remembers too many values");
  memo_[slot] = top();
}

void PickleMachine::recall(std::uint64_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end()) malformed("it refers to a value that was never written");
  push(found->second);
}

/// Python attributes: a state_dict carries its version numbers (_metadata) so. They are not needed, and only
/// dictionaries may have them.
void PickleMachine::build() {
  pop();
  if (top().kind != PickleKind::dictionary) malformed("it sets attributes of what is no dictionary");
}

}  // namespace cuebench
