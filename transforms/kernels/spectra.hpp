#pragma once
// Changes of the phases and of the amplitudes of a grey image's spectrum.

#include <cstddef>
#include <span>

#include <opencv2/core.hpp>

namespace cuebench {

enum class PhasePairs {
  source,    ///< The second half of the frequencies gets the opposite shifts in the same order, as published.
  hermitian  ///< It gets them mirrored, so that each frequency and its conjugate have opposite shifts.
};

/// The phase shifts that phase_scrambled takes. The frequencies strictly below Nyquist's form an odd x odd block around
/// the mean, for any size: an even axis loses its Nyquist row, an odd one has none. The first half of the block in
/// raster order (rows and columns from the most negative frequency on) gets one shift each.
std::size_t phase_shift_count(cv::Size size);

/// Real part of the image whose phases are shifted by pi * half_turns, in [-1, 1]; mean and Nyquist frequencies
/// unchanged; not clipped. With PhasePairs::hermitian the amplitudes stay; with PhasePairs::source they shrink where
/// the two shifts of a pair differ, since only the real part is kept.
cv::Mat1f phase_scrambled(const cv::Mat1f& grey, std::span<const float> half_turns, PhasePairs pairs);

/// Amplitudes of an average photograph in grey [0, 1], frequencies in cv::dft's order. With n pixels and the shorter
/// side s: .454 n for the mean; else exp(7.83) / 224^2 s sqrt(n) f^-1.258, f = s hypot(v / height, u / width), which is
/// f cycles per image for a square. At 224 x 224 this is exp(7.83 - 1.258 ln f), the fit to the published mean
/// spectrum.
cv::Mat1f natural_amplitudes(cv::Size size);

/// grey with the amplitudes |F|^(1 - amount) * amplitudes^amount and its own phases; not clipped. A frequency
/// without amplitude (below 1e-5 sqrt(n): the accuracy of the transform) has no phase and stays absent. `amplitudes` is
/// symmetric about the mean, in cv::dft's order. amount in [0, 1].
cv::Mat1f with_amplitudes(const cv::Mat1f& grey, const cv::Mat1f& amplitudes, double amount = 1);

}  // namespace cuebench
