#include <gtest/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/core/files.hpp>
#include <cuebench/report/training_curve.hpp>

#include "test_data.hpp"

namespace cuebench {
namespace {

constexpr const char* kHeader =
    "epoch,step,learning_rate,train_loss,train_accuracy,validation_accuracy,validation_robust_accuracy,"
    "overfitting_check_accuracy,seconds\n";

class TrainingCurve : public testing::Test {
 protected:
  bool draw(const std::string& rows, const std::string& gnuplot = "gnuplot") const {
    write_file_atomically(log(), kHeader + rows);
    return draw_training_curve(log(), svg(), gnuplot);
  }
  std::filesystem::path log() const { return folder_.path() / "training_log.csv"; }
  std::filesystem::path svg() const { return folder_.path() / "training_curve.svg"; }
  test::TemporaryFolder folder_;
};

TEST_F(TrainingCurve, ShowsTheSeriesThatWereMeasured) {
  if (!draw("1,10,0.1,2.3,0.1,0.2,0.05,,1\n2,20,0.05,1.9,0.3,0.35,0.1,,1\n")) GTEST_SKIP() << "gnuplot is missing";
  const std::string picture = read_text_file(svg());
  for (const char* const title : {"training", "validation, clean", "validation, under PGD", "training loss", "epoch"})
    EXPECT_NE(picture.find(title), std::string::npos) << title;
  ASSERT_TRUE(draw("1,10,0.1,2.3,0.1,,,,1\n"));  // one epoch without validation
  EXPECT_EQ(read_text_file(svg()).find("under PGD"), std::string::npos);
}

TEST_F(TrainingCurve, SaysWhereThereIsNothingToDrawWith) {
  EXPECT_FALSE(draw("1,10,0.1,2.3,0.1,,,,1\n", "no-such-gnuplot"));
  EXPECT_FALSE(std::filesystem::exists(svg()));
  EXPECT_THROW(draw(""), UsageError);
  write_file_atomically(log(), "a,b\n1,2\n");
  EXPECT_THROW(draw_training_curve(log(), svg()), UsageError);
}

}  // namespace
}  // namespace cuebench
