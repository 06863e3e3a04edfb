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

TEST(AttackParameters, APresetStandsForItsValuesAndWhatIsTypedWins) {
  EXPECT_EQ(resolve_attack("pgd:preset=trades").text, resolve_attack("pgd:epsilon=0.031,alpha=0.003,steps=20").text);
  EXPECT_EQ(resolve_attack("pgd:restarts=5,preset=trades,steps=40").text,
            resolve_attack("pgd:epsilon=0.031,alpha=0.003,steps=40,restarts=5").text);
  EXPECT_EQ(resolve_attack("autoattack:preset=robustbench-l2").text,
            resolve_attack("autoattack:norm=l2,epsilon=0.5").text);
  for (const AttackInfo* info : registered_attacks())
    for (const AttackPreset& preset : info->presets)
      EXPECT_EQ(message_of(std::string(info->name) + ":preset=" + std::string(preset.name)), "") << preset.name;
  EXPECT_NE(message_of("pgd:preset=trade").find("did you mean trades?"), std::string::npos)
      << message_of("pgd:preset=trade");
  EXPECT_NE(message_of("square:preset=trades").find("has no presets"), std::string::npos);
  EXPECT_NE(message_of("pgd:preset=trades,preset=cifs").find("given twice"), std::string::npos);
}

TEST(AttackParameters, EpsilonIsInPixelUnitsAndOneAboveTheRangeIsRefusedWithTheRemedy) {
  for (const char* name : {"fgsm", "pgd", "apgd", "fab", "square", "autoattack"}) {
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
  for (const std::string name : {"pgd", "apgd", "fab", "square", "autoattack"})
    EXPECT_NE(message_of(name + ":norm=l2").find("attack " + name + ": epsilon=8/255 is a change of every pixel"),
              std::string::npos);
  EXPECT_EQ(message_of("pgd:norm=l2,epsilon=3"), "");
}

TEST(AttackParameters, RestartsNeedRandomStarts) {
  EXPECT_NE(message_of("pgd:restarts=2,random_start=no").find("random_start=yes"), std::string::npos);
  EXPECT_EQ(message_of("pgd:restarts=2"), "");
}

TEST(AttackParameters, ValuesOutOfRangeAreNamed) {
  EXPECT_NE(message_of("apgd:steps=0").find("steps=0"), std::string::npos);
  EXPECT_NE(message_of("fab:n_targets=0").find("n_targets=0"), std::string::npos);
  EXPECT_NE(message_of("square:queries=0").find("queries=0"), std::string::npos);
  EXPECT_NE(message_of("autoattack:epsilon=-1").find("epsilon=-1"), std::string::npos);
}

TEST(AttackParameters, ClassesMustLeaveRoomForTheTargets) {
  const auto refused = [](std::string_view text, std::int64_t classes) {
    const ResolvedAttack attack = resolve_attack(text);
    return attack.info->refuses_classes ? attack.info->refuses_classes(attack.parameters, classes) : "";
  };
  EXPECT_EQ(refused("apgd", 2), "");
  EXPECT_EQ(refused("square", 2), "");
  EXPECT_EQ(refused("apgd:loss=dlr", 2), "loss=dlr needs 3 classes and there are 2: use loss=ce");
  EXPECT_EQ(refused("apgd:loss=dlr_targeted", 3), "loss=dlr_targeted needs 4 classes and there are 3: use loss=ce");
  for (const char* text : {"apgd:loss=dlr_targeted", "fab", "autoattack"}) {
    EXPECT_EQ(refused(text, 10), "") << text;
    EXPECT_EQ(refused(text, 9), "n_targets=9 is more than the 8 wrong classes there are: give n_targets=8 or fewer");
  }
  EXPECT_NE(refused("autoattack:n_targets=2", 3).find("use apgd and square"), std::string::npos);
}

TEST(AttackParameters, AgainstIsPartOfTheTextOnlyWhereItIsTyped) {
  const ResolvedAttack attack = resolve_attack("fgsm:epsilon=4/255,against=other");
  EXPECT_EQ(attack.text, "fgsm:against=other,alpha=auto,epsilon=4/255,random_start=no");
  EXPECT_EQ(attack.against, "other");
  EXPECT_EQ(resolve_attack(attack.text).text, attack.text);
  EXPECT_EQ(resolve_attack("fgsm").against, "");
  EXPECT_NE(message_of("fgsm:against=a,against=b"), "");
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
