#pragma once
// Loops over numbers, compiled twice: for every machine, and for AVX2 where the machine has it. The operations and
// their order are the same (no fused multiplications), so the results are too.

/// Before the body of a lambda that is given to `vectorised`, so that both copies hold its loops.
#define CUEBENCH_INLINE_BODY __attribute__((always_inline))

namespace cuebench {

#if defined(__x86_64__) && defined(__GNUC__)

namespace detail {
template <typename Loop, typename... Arguments>
[[gnu::target("avx2")]] void with_avx2(Loop loop, Arguments... arguments) {
  loop(arguments...);
}
}  // namespace detail

/// Runs loop(arguments...). `loop` is a lambda `[](...) CUEBENCH_INLINE_BODY { loops }` without captures that calls
/// inline functions only; pointers and numbers go in by value, since the compiler must know that no store changes them.
template <typename Loop, typename... Arguments>
void vectorised(Loop loop, Arguments... arguments) {
  if (__builtin_cpu_supports("avx2")) return detail::with_avx2(loop, arguments...);
  loop(arguments...);
}

#else

template <typename Loop, typename... Arguments>
void vectorised(Loop loop, Arguments... arguments) {
  loop(arguments...);
}

#endif

}  // namespace cuebench
