#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cuebench/core/errors.hpp>
#include <cuebench/metrics/channel_statistics.hpp>

namespace cuebench {
namespace {

constexpr std::size_t kChannels = 5;
using Image = std::vector<double>;

/// Activations after ReLU: half of them 0.
rc::Gen<Image> activations() {
  return rc::gen::container<Image>(
      kChannels, rc::gen::map(rc::gen::inRange(-1000, 1000), [](int x) { return std::max(x, 0) / 7.0; }));
}
rc::Gen<Image> relevances() {
  return rc::gen::container<Image>(kChannels,
                                   rc::gen::map(rc::gen::inRange(-1000, 1000), [](int x) { return x / 9.0; }));
}

ChannelMoments some_moments(std::size_t most) {
  ChannelMoments moments(kChannels);
  const auto images = *rc::gen::inRange<std::size_t>(0, most + 1);
  for (std::size_t i = 0; i < images; ++i) moments.add(*activations(), *activations(), *relevances());
  return moments;
}

ChannelMoments merged(ChannelMoments a, const ChannelMoments& b) {
  a.merge(b);
  return a;
}

/// Within 1e-12 of the size of what was summed: values up to 143, squares up to 2e4 an image.
bool close(const std::vector<double>& a, const std::vector<double>& b, double scale) {
  for (std::size_t c = 0; c < a.size(); ++c)
    if (std::abs(a[c] - b[c]) > 1e-12 * scale) return false;
  return a.size() == b.size();
}
bool close(const ChannelMoments& a, const ChannelMoments& b) {
  const double n = static_cast<double>(std::max<std::int64_t>(a.n, 1));
  return a.n == b.n && close(a.mean, b.mean, 150) && close(a.m2, b.m2, 2e4 * n) &&
         close(a.clean_mean, b.clean_mean, 150) && close(a.co_moment, b.co_moment, 2e4 * n) &&
         a.active_count == b.active_count && close(a.active_sum, b.active_sum, 150 * n) &&
         close(a.relevance_mean, b.relevance_mean, 150) &&
         close(a.absolute_relevance_mean, b.absolute_relevance_mean, 150);
}

RC_GTEST_PROP(ChannelMoments, MergingIsAssociativeUpToRounding, ()) {
  const auto a = some_moments(6), b = some_moments(6), c = some_moments(6);
  RC_ASSERT(close(merged(merged(a, b), c), merged(a, merged(b, c))));
}

RC_GTEST_PROP(ChannelMoments, MergingEqualsAddingOneByOne, ()) {
  const auto split = *rc::gen::inRange<std::size_t>(0, 9);
  ChannelMoments whole(kChannels), head(kChannels), tail(kChannels);
  for (std::size_t i = 0; i < 8; ++i) {
    const Image a = *activations(), clean = *activations(), relevance = *relevances();
    whole.add(a, clean, relevance);
    (i < split ? head : tail).add(a, clean, relevance);
  }
  RC_ASSERT(close(merged(head, tail), whole));
}

RC_GTEST_PROP(ChannelMoments, MatchTheDefinitions, ()) {
  std::vector<Image> images, cleans;
  ChannelMoments moments(kChannels);
  for (int i = 0; i < 7; ++i) {
    images.push_back(*activations());
    cleans.push_back(*activations());
    moments.add(images.back(), cleans.back(), Image(kChannels, -2.0));
  }
  for (std::size_t c = 0; c < kChannels; ++c) {
    double mean = 0, clean_mean = 0, m2 = 0, co_moment = 0, active_sum = 0;
    std::int64_t active = 0;
    for (int i = 0; i < 7; ++i) {
      mean += images[i][c] / 7;
      clean_mean += cleans[i][c] / 7;
    }
    for (int i = 0; i < 7; ++i) {
      m2 += (images[i][c] - mean) * (images[i][c] - mean);
      co_moment += (images[i][c] - mean) * (cleans[i][c] - clean_mean);
      if (images[i][c] > 0.01 * *std::max_element(images[i].begin(), images[i].end())) {
        ++active;
        active_sum += images[i][c];
      }
    }
    RC_ASSERT(std::abs(moments.m2[c] - m2) < 1e-9 && std::abs(moments.co_moment[c] - co_moment) < 1e-9);
    RC_ASSERT(moments.active_count[c] == active && std::abs(moments.active_sum[c] - active_sum) < 1e-9);
    RC_ASSERT(moments.relevance_mean[c] == -2 && moments.absolute_relevance_mean[c] == 2);
  }
}

TEST(ChannelMoments, AreActiveStrictlyAboveOnePercentOfTheLargest) {
  ChannelMoments moments(3);
  moments.add(Image{100, 1, 1.0000001}, Image(3), Image(3));
  EXPECT_EQ(moments.active_count, (std::vector<std::int64_t>{1, 0, 1}));
  moments.add(Image{0, 0, 0}, Image(3), Image(3));  // a black image activates nothing
  EXPECT_EQ(moments.active_count, (std::vector<std::int64_t>{1, 0, 1}));
}

TEST(ChannelMoments, RefuseOtherNumbersOfChannels) {
  ChannelMoments three(3), four(4);
  EXPECT_THROW(three.add(Image(3), Image(3), Image(4)), std::invalid_argument);
  three.add(Image(3), Image(3), Image(3));
  four.add(Image(4), Image(4), Image(4));
  EXPECT_THROW(three.merge(four), std::invalid_argument);
  four.merge(ChannelMoments());  // empty: nothing to add
  EXPECT_EQ(four.n, 1);
}

ClassMoments some_classes() {
  ClassMoments classes;
  for (const int label : *rc::gen::container<std::set<int>>(rc::gen::inRange(-1, 1000)))
    classes.emplace(label, some_moments(2));
  return classes;
}

RC_GTEST_PROP(ClassMomentsBytes, ComeBackToTheBit, ()) {
  const ClassMoments classes = some_classes();
  RC_ASSERT(parse_class_moments(serialise(classes)) == classes);
}

TEST(ClassMomentsBytes, KeepSpecialValues) {
  ClassMoments classes;
  ChannelMoments& moments = classes.try_emplace(3, 3u).first->second;
  moments.n = std::int64_t{1} << 40;
  moments.mean = {-0.0, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()};
  moments.active_count = {0, 70000, std::int64_t{1} << 39};
  moments.m2 = {std::numeric_limits<double>::infinity(), 0, 1};
  const ClassMoments back = parse_class_moments(serialise(classes));
  EXPECT_EQ(back, classes);
  EXPECT_TRUE(std::signbit(back.at(3).mean[0]));
  EXPECT_TRUE(parse_class_moments(serialise({})).empty());
}

TEST(ClassMomentsBytes, AreSmallWhereAClassHasOneImage) {
  // 256 images of 256 classes: mean, clean mean and relevance remain of eight arrays, and a byte a channel.
  ClassMoments classes;
  for (int label = 0; label < 256; ++label) {
    Image a(512), clean(512), relevance(512);
    for (std::size_t c = 0; c < 512; ++c) {
      a[c] = std::max(0.0, std::sin(static_cast<double>(c * 7 + label)));
      clean[c] = std::max(0.0, std::cos(static_cast<double>(c * 3 + label)));
      relevance[c] = std::sin(static_cast<double>(c + label));
    }
    classes.try_emplace(label, 512u).first->second.add(a, clean, relevance);
  }
  EXPECT_LT(serialise(classes).size(), 256u * (3 * 8 + 1) * 512 + 256 * 30);
}

RC_GTEST_PROP(ClassMomentsBytes, CutShortAreRefused, ()) {
  ClassMoments classes = some_classes();
  classes.emplace(1000, some_moments(2));
  const auto bytes = serialise(classes);
  const auto length = *rc::gen::inRange<std::size_t>(0, bytes.size());
  RC_ASSERT_THROWS_AS(parse_class_moments(std::span(bytes).first(length)), RunError);
}

RC_GTEST_PROP(ClassMomentsBytes, DamagedAreReadOrRefusedButNeverMore, ()) {
  auto bytes = serialise(some_classes());
  for (int flips = 0; flips < 3; ++flips)
    bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
  try {
    parse_class_moments(bytes);
  } catch (const RunError&) {
    RC_CLASSIFY(true, "refused");
  }
}

TEST(ClassMomentsBytes, WithAbsurdSizesAreRefusedBeforeMemoryIsTaken) {
  std::vector<std::byte> bytes{std::byte{1}};
  for (const unsigned value : {0xffffffffu, 3u})
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::byte>(value >> shift));
  bytes.resize(1000);
  EXPECT_THROW(parse_class_moments(bytes), RunError);
  bytes[0] = std::byte{2};
  EXPECT_THROW(parse_class_moments(bytes), RunError);
  EXPECT_THROW(parse_class_moments({}), RunError);
}

TEST(GroupStatistics, OfNoImagesAreUndefined) {
  const auto none = group_statistics(ChannelMoments(3), ChannelMoments(3), {}, {}, Image(3));
  EXPECT_EQ(none.n_images, 0);
  EXPECT_EQ(none.pr_total, 0.0);  // a sum over nothing
  EXPECT_FALSE(none.pr_ratio || none.nr_share || none.nr_share_image_mean || none.act_rel_spearman ||
               none.align_cosine_image_mean || none.align_rel_l2 || none.freq_entropy || none.relevance_shift_cosine);
}

TEST(PartitionChannels, LeavesSmallRelevancesNeutral) {
  const Image relevance{1.0, -0.2, 0.05, 0.0, -2.0};
  EXPECT_EQ(partition_channels(relevance, 0), (std::vector<signed char>{1, -1, 1, 0, -1}));
  EXPECT_EQ(partition_channels(relevance, 0.1), (std::vector<signed char>{1, 0, 0, 0, -1}));  // tau = 0.2, strict
  EXPECT_EQ(partition_channels(Image{0, 0}, 0), (std::vector<signed char>{0, 0}));
}

}  // namespace
}  // namespace cuebench
