#include "jpeg_pass.hpp"

#include <cuebench/imaging/decode.hpp>
#include <cuebench/imaging/encode.hpp>

namespace cuebench {

Image through_jpeg(const Image& image, int quality) {
  return decode_image(encode_jpeg(image, quality, /*subsample=*/true));
}

}  // namespace cuebench
