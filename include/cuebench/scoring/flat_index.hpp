#pragma once
// A hash table of places: what the keys are, and where they lie, is the caller's.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cuebench::scoring {

class FlatIndex {
 public:
  /// The place of the key with this hash for which is_it(place) holds; `place` is entered, and returned, where there is
  /// none. Places are below 2^32 - 1.
  template <typename IsIt>
  std::uint32_t find_or_enter(std::uint64_t hash, std::uint32_t place, IsIt is_it) {
    if (2 * (entered_ + 1) > slots_.size()) grow();
    for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[at];
      if (slot.place == kEmpty) {
        slot = {hash, place};
        ++entered_;
        return place;
      }
      if (slot.hash == hash && is_it(slot.place)) return slot.place;
    }
  }

 private:
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t place = kEmpty;
  };

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.place == kEmpty) continue;
      std::size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].place != kEmpty) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t entered_ = 0;
};

/// Spreads a number over all bits (the finaliser of MurmurHash3).
inline std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDU;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53U;
  return x ^ (x >> 33);
}

}  // namespace cuebench::scoring
