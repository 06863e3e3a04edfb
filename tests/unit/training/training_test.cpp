// Whole training runs on a toy problem.

#define TORCH_ASSERT_ONLY_METHOD_OPERATORS
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/models/model.hpp>

#include "../../../src/training/preparation.hpp"
#include "../../../src/training/trainer.hpp"
#include "test_data.hpp"
#include "toy.hpp"

namespace cuebench::test {
namespace {

class Training : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    start_logging({.quiet = true});
    shared_folder() = std::make_unique<TemporaryFolder>();
    write_separable_folder(shared_folder()->path(), 24);
  }
  static void TearDownTestSuite() { shared_folder().reset(); }

  TrainingRequest request(const std::string& out) const { return toy_request(data(), folder_.path() / out); }
  static TrainingOutcome run(const TrainingRequest& request) { return train(request, {.quiet = true}); }
  static std::filesystem::path data() { return shared_folder()->path(); }
  static std::string weights(const TrainingRequest& request) {
    return read_text_file(request.out / "model.safetensors");
  }

  TemporaryFolder folder_;

 private:
  static std::unique_ptr<TemporaryFolder>& shared_folder() {
    static std::unique_ptr<TemporaryFolder> folder;
    return folder;
  }
};

TEST_F(Training, EveryMethodLearnsASeparableSetToTheLastImage) {
  for (const char* const method : {"standard", "pgd:steps=3", "fast", "trades:steps=3", "free:replays=3"}) {
    SCOPED_TRACE(method);
    TrainingRequest toy = request(std::string(method).substr(0, 3));
    toy.method = method;
    const TrainingOutcome outcome = run(toy);
    ASSERT_EQ(outcome.log.size(), 6u);
    EXPECT_LT(outcome.log.back().train_loss, 0.5 * outcome.log.front().train_loss);
    EXPECT_EQ(outcome.log.back().train_accuracy, 1);
    EXPECT_EQ(outcome.log.back().validation_accuracy, 1);
    EXPECT_EQ(outcome.stopped, "");
    // The colours are far more than 8/255 apart.
    EXPECT_GE(outcome.log.back().validation_robust_accuracy.value(), 0.9);
  }
}

TEST_F(Training, TheModelEvaluatesAsItDidInTraining) {
  TrainingRequest toy = request("out");
  toy.validation = toy.data;
  toy.epochs = 1;
  toy.average_decay = 0.5;
  const TrainingOutcome outcome = run(toy);
  const Model model = Model::load(parse_model_spec("m=" + outcome.model.string()), {}, {3, 8, 8});
  EXPECT_EQ(model.info().role, "standard");
  EXPECT_EQ(model.info().class_names, (std::vector<std::string>{"class0", "class1", "class2", "class3"}));
  const Dataset dataset = open_dataset(toy.data);
  int correct = 0;
  for (std::size_t i = 0; i < dataset.items.size(); ++i) {
    const Image image = dataset.load_image(i);
    ImageSet set;
    set.height = set.width = 8;
    set.pixels = image.pixels;
    set.labels = {dataset.items[i].label};
    const auto logits = model.infer(plain_batch(set, {0}).images).logits;
    correct += std::max_element(logits.begin(), logits.end()) - logits.begin() == dataset.items[i].label;
  }
  EXPECT_DOUBLE_EQ(outcome.log[0].validation_accuracy.value(), correct / 96.0);
}

TEST_F(Training, TheSidecarHoldsTheWholeRecipe) {
  TrainingRequest toy = request("out");
  toy.method = "pgd";
  toy.method_parameters = {{"epsilon", "4/255"}, {"steps", "2"}};
  toy.epochs = 1;
  run(toy);
  const Sidecar sidecar = read_sidecar(toy.out / "model.safetensors.json");
  EXPECT_EQ(sidecar.role, "robust");
  EXPECT_EQ(sidecar.input_size, (std::vector<std::int64_t>{3, 8, 8}));
  EXPECT_EQ(sidecar.mean.size(), 3u);
  const auto training = nlohmann::json::parse(sidecar.training);
  EXPECT_EQ(training["method"], "pgd:alpha=0,epsilon=4/255,norm=linf,start=random,statistics=running,steps=2");
  EXPECT_EQ(training["finished_epochs"], 1);
  EXPECT_EQ(training["data"]["digest"], open_dataset(toy.data).digest);
}

TEST_F(Training, TheSameRecipeGivesTheSameBytesAndAnotherSeedOthers) {
  TrainingRequest first = request("first"), second = request("second"), other = request("other");
  for (TrainingRequest* const toy : {&first, &second, &other}) {
    toy->epochs = 2;
    toy->flip = true;
    toy->crop_padding = 1;
    toy->method = "fast";
  }
  other.seed = 4;
  for (const TrainingRequest* const toy : {&first, &second, &other}) run(*toy);
  EXPECT_TRUE(weights(first) == weights(second));
  EXPECT_FALSE(weights(first) == weights(other));
}

/// Everything that a state holds at once: average, momentum, a carried perturbation, a state inside an epoch.
TEST_F(Training, ContinuesFromAStateInsideAnEpochToTheSameBytes) {
  TrainingRequest whole = request("whole");
  whole.method = "free:replays=2";
  whole.average_decay = 0.9;
  whole.nesterov = true;
  whole.flip = true;
  whole.epochs = 3;
  run(whole);
  // Every batch saves a state; the run is copied in the middle by a loss that ends it.
  TrainingRequest cut = whole;
  cut.out = folder_.path() / "cut";
  cut.checkpoint_seconds = 0;
  std::string middle;
  {
    const OutputFolder output(cut.out);
    TrainingPlan plan =
        prepare_training(cut, {.quiet = true}, [&](const std::string& recipe) { (void)output.claim(recipe, false); });
    int steps = 0;
    const auto loss = plan.method.loss;
    plan.method.loss = [&](TrainingStep& step) {
      if (steps++ == 12) throw RunError("cut");  // after 6 of 4 + 4 + 4 batches
      return loss(step);
    };
    Trainer trainer(plan, {cut.epochs, cut.seed, 0, cut.average_decay, 0, false, false}, output, {.quiet = true});
    EXPECT_THROW(trainer.run(), RunError);
  }
  const TrainingOutcome outcome = run(cut);
  EXPECT_LT(outcome.images_this_session, 3 * 72);
  EXPECT_EQ(outcome.log.size(), 3u);
  EXPECT_TRUE(weights(cut) == weights(whole));
  EXPECT_EQ(run(cut).images_this_session, 0);  // finished: nothing is left to do
}

TEST_F(Training, ADamagedStateIsRefusedWithTheRemedy) {
  TrainingRequest toy = request("out");
  toy.epochs = 2;
  run(toy);
  const auto state = toy.out / "checkpoint-last.safetensors";
  const std::string good = read_text_file(state);
  std::string flipped = good;
  flipped[flipped.size() - 9] = static_cast<char>(flipped[flipped.size() - 9] ^ 1);
  for (const std::string& bad : {flipped, good.substr(0, good.size() / 2), std::string("not a checkpoint")}) {
    std::ofstream(state, std::ios::binary) << bad;
    const std::string sentence = refusal(toy);
    EXPECT_NE(sentence.find("checkpoint-last.safetensors"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("--overwrite"), std::string::npos) << sentence;
  }
  toy.overwrite = true;
  EXPECT_EQ(refusal(toy), "");
}

TEST_F(Training, AnotherConfigurationIsRefusedUnlessOverwriting) {
  TrainingRequest toy = request("out");
  toy.epochs = 1;
  run(toy);
  toy.learning_rate = 0.2;
  EXPECT_NE(refusal(toy).find("optimiser.learning_rate is 0.1 there and 0.2 here"), std::string::npos);
  toy.overwrite = true;
  EXPECT_EQ(refusal(toy), "");
}

TEST_F(Training, ALossThatIsNotFiniteStopsWithTheStepAndKeepsTheModel) {
  TrainingRequest toy = request("out");
  toy.schedule = "triangular";
  toy.epochs = 12;
  toy.learning_rate = 1e5;  // rises from 0: some epochs pass before the weights overflow
  toy.architecture = "sequential:layers=conv8k3s2p1-relu-flatten-linear";
  const std::string sentence = refusal(toy);
  EXPECT_NE(sentence.find("became infinite or NaN at step"), std::string::npos) << sentence;
  EXPECT_FALSE(std::filesystem::exists(toy.out / "checkpoint-last.safetensors") &&
               !std::filesystem::exists(toy.out / "model.safetensors"));
}

TEST_F(Training, AFallOfRobustAccuracyStopsFastTrainingAndKeepsThePreviousWeights) {
  TrainingRequest toy = request("out");
  toy.method = "fast:epsilon=2/255";
  toy.epochs = 12;
  const OutputFolder output(toy.out);
  TrainingPlan plan =
      prepare_training(toy, {.quiet = true}, [&](const std::string& recipe) { (void)output.claim(recipe, false); });
  // From the fourth epoch on the labels are turned round: the loss falls, and every answer becomes wrong.
  constexpr int kBatches = 4;
  std::string before;
  int steps = 0;
  const auto loss = plan.method.loss;
  plan.method.loss = [&](TrainingStep& step) {
    if (steps > 0 && steps % kBatches == 0) before = read_text_file(output.model());  // of the epoch before
    if (steps++ >= 3 * kBatches) step.labels = step.labels.add(1).remainder(4);
    return loss(step);
  };
  Trainer trainer(plan, {toy.epochs, toy.seed, 0, 0, 300, false, false}, output, {.quiet = true});
  trainer.run();
  EXPECT_NE(trainer.stop_reason().find("catastrophic overfitting in epoch"), std::string::npos)
      << trainer.stop_reason();
  EXPECT_LT(trainer.log().size(), 12u);
  EXPECT_LT(trainer.log().back().overfitting_check.value(),
            trainer.log()[trainer.log().size() - 2].overfitting_check.value() - 0.2);
  EXPECT_TRUE(read_text_file(output.model()) == before);
  const auto training = nlohmann::json::parse(read_sidecar(output.model().string() + ".json").training);
  EXPECT_EQ(training["finished_epochs"], trainer.log().size() - 1);
  EXPECT_EQ(training["stopped"], trainer.stop_reason());
  EXPECT_EQ(run(toy).stopped, trainer.stop_reason());  // the same command says so again and trains no further
}

TEST_F(Training, ContinuesFromACheckpointWithItsNormalisation) {
  TrainingRequest first = request("first");
  run(first);
  TrainingRequest second = request("second");
  second.from = first.out / "model.safetensors";
  second.architecture = "";
  second.epochs = 1;
  second.learning_rate = 1e-4;
  const TrainingOutcome outcome = run(second);
  EXPECT_EQ(outcome.log[0].validation_accuracy, 1);
  EXPECT_EQ(read_sidecar(second.out / "model.safetensors.json").mean,
            read_sidecar(first.out / "model.safetensors.json").mean);
}

TEST_F(Training, WrongRequestsAreRefusedInOneSentence) {
  using Change = std::function<void(TrainingRequest&)>;
  const std::pair<Change, const char*> slips[] = {
      {[](auto& r) { r.method = "pdg"; }, "did you mean pgd?"},
      {[](auto& r) { r.method = "pgd:epsilon=8"; }, "epsilon 8 is above 1: write 8/255"},
      {[](auto& r) { r.method = "pgd:beta=3"; }, "unknown parameter 'beta'"},
      {[](auto& r) { r.architecture = "rasnet"; }, "unknown architecture 'rasnet'"},
      {[](auto& r) { r.architecture = "sequential:layers=conv4k9-flatten-linear"; }, "use larger images"},
      {[](auto& r) { r.architecture = "sequential:layers=flatten-linear7"; }, "7 values for 4 classes"},
      {[](auto& r) { r.architecture = ""; }, "no architecture is given"},
      {[](auto& r) { r.data = ""; }, "no training images are given"},
      {[](auto& r) { r.schedule = "cosin"; }, "did you mean cosine?"},
      {[](auto& r) { r.epochs = 0; }, "--epochs 0 is not at least 1"},
      {[](auto& r) { r.learning_rate = -1; }, "--lr -1 is not a number above 0"},
      {[](auto& r) { r.batch = 1; }, "--batch 1"},
      {[](auto& r) { r.device = "gpu"; }, "--device 'gpu' is none of"},
      {[](auto& r) { r.autocast = true, r.device = "cpu"; }, "--autocast needs a CUDA device"},
      {[](auto& r) { r.nesterov = true, r.momentum = 0; }, "--nesterov needs a momentum"},
      {[](auto& r) { r.milestones = {2}; }, "--milestones belong to --schedule step"},
      {[](auto& r) { r.schedule = "triangular", r.warmup = 1; }, "leave --warmup out"},
  };
  for (const auto& [change, words] : slips) {
    TrainingRequest toy = request("refused");
    change(toy);
    const std::string sentence = refusal(toy);
    EXPECT_NE(sentence.find(words), std::string::npos) << "'" << words << "' is not in: " << sentence;
    EXPECT_EQ(sentence.find('\n'), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(toy.out)) << "refused after the folder was made: " << sentence;
  }
}

TEST_F(Training, ImagesOfTwoSizesOrTooManyForTheMemoryAreRefused) {
  TrainingRequest toy = request("small");
  toy.preset = "custom:exact=512";
  toy.memory_mib = 8;
  EXPECT_NE(refusal(toy).find("96 images of 512x512 take 73 MiB in memory and 8 MiB are allowed"), std::string::npos);
}

}  // namespace
}  // namespace cuebench::test
