#pragma once
// Training a network from images: `cuebench train`. What comes out is described in docs/training.md.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <cuebench/core/progress.hpp>

namespace cuebench {

/// Every choice of `cuebench train`, as typed. Empty texts mean "not given".
struct TrainingRequest {
  std::string data;          ///< SRC
  std::string validation;    ///< SRC; without it a share of `data` is held out
  double holdout = 0.1;      ///< that share of every class; 0: no validation
  std::string preset;        ///< geometry; "none" where empty
  std::string architecture;  ///< NAME[:key=value,...]; may be left out with `from`
  /// CIFS modules for that architecture: "after=LAYER/LAYER,..."; none where nothing is given.
  std::optional<std::string> channel_selection;
  double probe_weight = 2;  ///< beta of the joint loss of a network with probes
  std::filesystem::path from;
  std::string method = "standard";  ///< NAME[:key=value,...]
  /// Further parameters of the method, as flags give them.
  std::vector<std::pair<std::string, std::string>> method_parameters;

  int epochs = 30;
  int batch = 128;
  double learning_rate = 0.1, momentum = 0.9, weight_decay = 5e-4;
  bool nesterov = false;
  bool decay_weights_only = false;  ///< no decay of biases and of batch normalisation
  std::string schedule = "cosine";  ///< constant | cosine | step | triangular
  std::vector<double> milestones;   ///< of step, in epochs; empty: half and three quarters
  double gamma = 0.1;               ///< of step: factor at each milestone
  double warmup = 0;                ///< epochs of linear rise from 0
  double label_smoothing = 0;
  double average_decay = 0;  ///< of the moving average of the weights; 0: none
  bool flip = false;
  int crop_padding = 0;

  int robust_images = 256;  ///< validation images attacked after every epoch; 0: none
  std::filesystem::path out;
  bool overwrite = false;
  std::uint64_t seed = 0;
  int threads = 0;                  ///< 0: all cores
  std::int64_t memory_mib = 0;      ///< bound on the images in memory; 0: half of the machine
  std::int64_t limit = 0;           ///< 0: all images; else that many, spread evenly over the data set
  double checkpoint_seconds = 300;  ///< a state is saved after every epoch, and this often within one
  std::string device = "auto";      ///< auto | cpu | cuda | cuda:N
  bool autocast = false;            ///< bfloat16 where it is safe; CUDA only
  bool keep_best = false;           ///< also write model-best.safetensors
};

/// One row of training_log.csv; shares in [0, 1].
struct TrainingLogRow {
  std::int64_t epoch = 0, step = 0;  ///< finished ones
  double learning_rate = 0;          ///< of the last step
  double train_loss = 0, train_accuracy = 0;
  std::optional<double> validation_accuracy, validation_robust_accuracy;
  std::optional<double> overfitting_check;  ///< accuracy under PGD-5 on the epoch's first batch
  double seconds = 0;                       ///< of training and validation in this epoch
};

struct TrainingOutcome {
  std::vector<TrainingLogRow> log;
  std::filesystem::path model;
  std::string stopped;             ///< why training ended early; empty when all epochs are done
  std::string robust_description;  ///< "PGD-10, linf 8/255"; empty without such a check
  std::int64_t images = 0;         ///< of the training set
  std::int64_t images_this_session = 0;
  double seconds_this_session = 0;  ///< of training steps alone
};

/// Checks everything first, then trains; continues in `out` where the same configuration stopped, to the same bits.
/// @throws UsageError before any work; RunError while working (a loss that is not finite, a full disk);
/// Interrupted after a signal (state kept).
TrainingOutcome train(const TrainingRequest& request, const ReportingOptions& reporting);

}  // namespace cuebench
