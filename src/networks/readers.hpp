#pragma once
// One reader a format. Each gives the tensors as the file names them, with the wrappers inside a pickle peeled.

#include "byte_reader.hpp"
#include "checkpoint_file.hpp"

namespace cuebench {

class ZipArchive;

/// What torch.save has written since PyTorch 1.6: a zip archive with NAME/data.pkl and NAME/data/KEY.
Checkpoint read_torch_zip(Bytes bytes, CheckpointFile& file);
/// NAME of "NAME/data.pkl", if the archive has one.
const std::string* find_data_pickle(const ZipArchive& archive);

/// What torch.save wrote before: five pickles (magic number, protocol, system, the object, storage keys), then the raw
/// storages in the order of their keys.
Checkpoint read_torch_legacy(Bytes bytes, CheckpointFile& file);

/// https://huggingface.co/docs/safetensors: header length, JSON header, data without holes or overlaps.
Checkpoint read_safetensors(Bytes bytes, CheckpointFile& file);

}  // namespace cuebench
