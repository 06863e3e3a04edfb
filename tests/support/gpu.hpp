#pragma once
// Tests that need a GPU run where LibTorch sees one and skip with a line elsewhere.

#include <gtest/gtest.h>

#include <cuebench/models/placement.hpp>

#define CUEBENCH_REQUIRE_GPU(variable)                                                                            \
  const ::cuebench::ComputeFacts variable##_facts = ::cuebench::find_compute_facts();                             \
  if (variable##_facts.gpus.empty()) GTEST_SKIP() << "LibTorch sees no GPU here, so nothing on a GPU was tested"; \
  const at::Device variable = ::cuebench::parse_device("cuda", variable##_facts)
