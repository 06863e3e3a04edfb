#include <gtest/gtest.h>

#include <cuebench/models/model.hpp>

namespace cuebench {
namespace {

TEST(LibtorchFacts, NamesLibrariesAndMeasuresPlausibleRates) {
  const LibtorchFacts facts = measure_libtorch();
  EXPECT_FALSE(facts.version.empty());
  EXPECT_FALSE(facts.blas.empty());
  EXPECT_FALSE(facts.capability.empty());
  EXPECT_GE(facts.threads, 1);
  // Any processor that runs LibTorch makes 0.1 GFLOP/s; none makes 10 TFLOP/s on one core.
  EXPECT_GT(facts.sgemm_gflops, 0.1);
  EXPECT_LT(facts.sgemm_gflops, 1e4);
  EXPECT_GT(facts.convolution_gflops, 0.1);
  EXPECT_LT(facts.convolution_gflops, 1e4);
  // The bundled description of OpenBLAS says so; it never counts as slow.
  if (facts.blas.find("OpenBLAS") != std::string::npos) {
    EXPECT_FALSE(facts.slow_blas);
  }
}

}  // namespace
}  // namespace cuebench
