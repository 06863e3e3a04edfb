#include "first_images.hpp"

#include "image_tensors.hpp"

namespace cuebench {

FirstImages first_images(const Preparation& run, const PreparedModel& prepared, std::size_t count) {
  FirstImages first;
  std::vector<Image> images;
  const Preset& preset = run.geometries[static_cast<std::size_t>(prepared.geometry)].preset;
  for (std::size_t item = 0; item < run.chosen.size() && images.size() < count; ++item) {
    try {
      Image image = apply_preset(preset, run.dataset.load_image(run.chosen[item]));
      if (!images.empty() && (image.height != images[0].height || image.width != images[0].width)) continue;
      images.push_back(std::move(image));
    } catch (const ImageError&) {
      continue;
    }
    first.items.push_back(item);
  }
  std::vector<const Image*> pointers;
  for (const Image& image : images) pointers.push_back(&image);
  first.images = to_tensor(pointers);
  return first;
}

}  // namespace cuebench
