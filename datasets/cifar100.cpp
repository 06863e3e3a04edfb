// CIFAR-100, binary version: cifar-100-binary with test.bin and train.bin. The label is the fine one.

#include <array>

#include "cifar_binary.hpp"

namespace cuebench {
namespace {

// fine_label_names.txt of the published archive: alphabetical.
constexpr std::array<std::string_view, 100> kClasses = {
    "apple",      "aquarium_fish", "baby",         "bear",       "beaver",      "bed",         "bee",
    "beetle",     "bicycle",       "bottle",       "bowl",       "boy",         "bridge",      "bus",
    "butterfly",  "camel",         "can",          "castle",     "caterpillar", "cattle",      "chair",
    "chimpanzee", "clock",         "cloud",        "cockroach",  "couch",       "crab",        "crocodile",
    "cup",        "dinosaur",      "dolphin",      "elephant",   "flatfish",    "forest",      "fox",
    "girl",       "hamster",       "house",        "kangaroo",   "keyboard",    "lamp",        "lawn_mower",
    "leopard",    "lion",          "lizard",       "lobster",    "man",         "maple_tree",  "motorcycle",
    "mountain",   "mouse",         "mushroom",     "oak_tree",   "orange",      "orchid",      "otter",
    "palm_tree",  "pear",          "pickup_truck", "pine_tree",  "plain",       "plate",       "poppy",
    "porcupine",  "possum",        "rabbit",       "raccoon",    "ray",         "road",        "rocket",
    "rose",       "sea",           "seal",         "shark",      "shrew",       "skunk",       "skyscraper",
    "snail",      "snake",         "spider",       "squirrel",   "streetcar",   "sunflower",   "sweet_pepper",
    "table",      "tank",          "telephone",    "television", "tiger",       "tractor",     "train",
    "trout",      "tulip",         "turtle",       "wardrobe",   "whale",       "willow_tree", "wolf",
    "woman",      "worm"};
constexpr std::array<std::string_view, 2> kOtherFiles = {"train.bin", "fine_label_names.txt"};
constexpr CifarLayout kLayout = {.title = "CIFAR-100",
                                 .label_bytes = 2,
                                 .superclasses = 20,
                                 .classes = kClasses,
                                 .test_file = "test.bin",
                                 .folder = "cifar-100-binary",
                                 .other_files = kOtherFiles};

}  // namespace

extern const ReaderInfo cifar100_reader;
const ReaderInfo cifar100_reader = {
    .name = "cifar100",
    .summary =
        "CIFAR-100 binary with its 100 fine labels: a .bin file (also .xz, .gz), or the folder or tar with test.bin",
    .recognise = [](const std::filesystem::path& path) { return recognise_cifar(kLayout, path); },
    .open = [](const std::filesystem::path& path,
               const OpenOptions& options) { return open_cifar(kLayout, path, options); },
};

}  // namespace cuebench
