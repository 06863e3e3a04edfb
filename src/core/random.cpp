#include <cmath>
#include <numbers>

#include <cuebench/core/random.hpp>

#include "philox_blocks.hpp"

namespace cuebench {
namespace {

/// The finaliser of SplitMix64: FNV-1a alone mixes its last bytes weakly.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mixed(hash);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view item, std::string_view purpose) {
  const std::uint64_t key = mixed(seed + 0x9e3779b97f4a7c15ULL) ^ stable_hash(purpose);
  const std::uint64_t who = stable_hash(item);
  key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
  // The upper half of the counter names the item, the lower half counts blocks.
  counter_ = {0, 0, static_cast<std::uint32_t>(who), static_cast<std::uint32_t>(who >> 32)};
}

RandomStream::result_type RandomStream::operator()() {
  if (left_ == 0) {
    draw_blocks(block_);
    left_ = 2;
  }
  return block_[std::size_t(2 - left_--)];
}

void RandomStream::fill(std::span<result_type> values) {
  std::size_t begin = 0;
  while (begin < values.size() && left_ > 0) values[begin++] = (*this)();
  const std::size_t whole = (values.size() - begin) / 2 * 2;
  draw_blocks(values.subspan(begin, whole));
  if (begin + whole < values.size()) values.back() = (*this)();
}

void RandomStream::draw_blocks(std::span<result_type> words) {
  const std::uint64_t counter = counter_[0] | (std::uint64_t{counter_[1]} << 32);
  const std::size_t blocks = words.size() / 2;
  // Few blocks are not worth the wide path's detour.
  const PhiloxBlocks draw = blocks < 4 ? portable_philox_blocks() : philox_blocks();
  draw(key_, counter, {counter_[2], counter_[3]}, blocks, words.data());
  const std::uint64_t next = counter + blocks;
  counter_[0] = static_cast<std::uint32_t>(next);
  counter_[1] = static_cast<std::uint32_t>(next >> 32);
}

double RandomStream::uniform() {
  return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  // Reject the incomplete last interval, so that every value is equally likely.
  const std::uint64_t excess = (max() % bound + 1) % bound;
  std::uint64_t value = (*this)();
  while (value > max() - excess) value = (*this)();
  return value % bound;
}

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace cuebench
