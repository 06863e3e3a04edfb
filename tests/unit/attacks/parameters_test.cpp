// How attacks are written, and which requests are refused.

#include <set>

#include <gtest/gtest.h>

#include <cuebench/attacks/attack.hpp>
#include <cuebench/core/errors.hpp>

namespace cuebench {
namespace {

std::string message_of(std::string_view text) {
  try {
    resolve_attack(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(AttackParameters, CanonicalTextHasEveryParameterAndReadsBack) {
  EXPECT_EQ(resolve_attack("fgsm").text, "fgsm:alpha=auto,epsilon=8/255,random_start=no");
  EXPECT_EQ(resolve_attack("pgd:norm=l2,epsilon=0.50,alpha=1e-2").text,
            "pgd:alpha=0.01,epsilon=0.5,keep=last,loss=ce,norm=l2,random_start=yes,restarts=1,steps=20");
  for (const AttackInfo* info : registered_attacks()) {
    const std::string text = resolve_attack(info->name).text;
    EXPECT_EQ(resolve_attack(text).text, text);
  }
}

TEST(AttackParameters, EpsilonIsInPixelUnitsAndOneAboveTheRangeIsRefusedWithTheRemedy) {
  for (const char* name : {"fgsm", "pgd"}) {
    EXPECT_EQ(
        message_of(std::string(name) + ":epsilon=8"),
        std::string("attack ") + name + ": epsilon=8 is above 1, the whole range of a pixel: did you mean 8/255?");
    for (const char* good : {"0.031", "8/255", "1", "0"})
      EXPECT_EQ(message_of(std::string(name) + ":epsilon=" + good), "") << good;
  }
  EXPECT_NE(message_of("pgd:alpha=2").find("did you mean 2/255?"), std::string::npos);
  EXPECT_NE(message_of("pgd:epsilon=300").find("write it as 8/255"), std::string::npos);
  EXPECT_NE(message_of("pgd:epsilon=inf"), "");
  EXPECT_NE(message_of("pgd:norm=l2,epsilon=inf").find("not a finite number"), std::string::npos);
  EXPECT_NE(message_of("pgd:epsilon=-1/255").find("outside"), std::string::npos);
  EXPECT_NE(message_of("pgd:epsilon=nan").find("must be a number"), std::string::npos);
}

TEST(AttackParameters, L2NeedsALengthOfItsOwn) {
  EXPECT_NE(message_of("pgd:norm=l2").find("give epsilon as a length"), std::string::npos);
  EXPECT_EQ(message_of("pgd:norm=l2,epsilon=3"), "");
}

TEST(AttackParameters, RestartsNeedRandomStarts) {
  EXPECT_NE(message_of("pgd:restarts=2,random_start=no").find("random_start=yes"), std::string::npos);
  EXPECT_EQ(message_of("pgd:restarts=2"), "");
}

TEST(AttackParameters, UnknownNamesComeWithTheNearest) {
  EXPECT_NE(message_of("pgb").find("did you mean pgd"), std::string::npos);
  EXPECT_NE(message_of("pgd:epsilom=1/255").find("did you mean epsilon"), std::string::npos);
  EXPECT_NE(message_of("pgd:keep=best").find("best_loss"), std::string::npos);
}

TEST(AttackParameters, EveryAttackDescribesItself) {
  std::set<std::string_view> names;
  for (const AttackInfo* info : registered_attacks()) {
    EXPECT_TRUE(names.insert(info->name).second) << info->name;
    for (const std::string_view text : {info->summary, info->formula, info->source}) EXPECT_GT(text.size(), 10U);
    for (const ParameterSpec& spec : info->parameters) EXPECT_GT(spec.doc.size(), 10U) << spec.name;
    EXPECT_EQ(find_attack(info->name), info);
  }
  EXPECT_EQ(find_attack("grayscale"), nullptr);
}

}  // namespace
}  // namespace cuebench
