#include "plugin_host/host_services/open_causes.h"

#include <gtest/gtest.h>

namespace broker {
namespace {

TEST(TheCausesOfAnInstance, AreTheEventAtHandAndThoseLeftOpen) {
  OpenCauses causes;
  causes.SetAtHand({5, 2});
  EXPECT_EQ(causes.Find(5)->chain, 2U);
  EXPECT_FALSE(causes.Find(4));
  causes.Keep({5, 2});
  causes.SetAtHand({});
  EXPECT_EQ(causes.Find(5)->chain, 2U);
  causes.Forget(5);
  EXPECT_FALSE(causes.Find(5));
}

TEST(TheCausesOfAnInstance, HaveNoEventThatEndedBeforeItWasLeftOpen) {
  OpenCauses causes;
  causes.SetAtHand({5, 2});
  causes.Forget(5);
  EXPECT_TRUE(causes.Find(5)) << "it is at hand still";
  causes.Keep({5, 2});
  causes.SetAtHand({6, 0});
  EXPECT_FALSE(causes.Find(5));
  causes.Keep({6, 0});
  causes.SetAtHand({});
  EXPECT_TRUE(causes.Find(6)) << "that was another one's end";
}

TEST(TheCausesOfAnInstance, AreNoMoreThanCanBeOpen) {
  OpenCauses causes;
  for (Seq seq = 1; seq <= 17; ++seq) causes.Keep({seq, 0});
  EXPECT_FALSE(causes.Find(1));
  EXPECT_TRUE(causes.Find(2));
  EXPECT_TRUE(causes.Find(17));
}

}  // namespace
}  // namespace broker
