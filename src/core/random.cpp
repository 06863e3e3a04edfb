#include <cmath>
#include <numbers>

#include <Random123/philox.h>

#include <cuebench/core/random.hpp>

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

void RandomStream::next_block() {
  const r123::Philox4x32::ctr_type counter = {{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
  const auto out = r123::Philox4x32{}(counter, key);
  block_ = {out[0] | (std::uint64_t{out[1]} << 32), out[2] | (std::uint64_t{out[3]} << 32)};
  if (++counter_[0] == 0) ++counter_[1];
}

RandomStream::result_type RandomStream::operator()() {
  if (left_ == 0) {
    next_block();
    left_ = 2;
  }
  return block_[std::size_t(2 - left_--)];
}

void RandomStream::fill(std::span<result_type> values) {
  std::size_t i = 0;
  while (i < values.size() && left_ > 0) values[i++] = (*this)();
  for (; i + 2 <= values.size(); i += 2) {
    next_block();
    values[i] = block_[0];
    values[i + 1] = block_[1];
  }
  if (i < values.size()) values[i] = (*this)();
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
