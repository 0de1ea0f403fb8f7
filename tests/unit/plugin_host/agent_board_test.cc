#include "plugin_host/agent_board.h"

#include <gmock/gmock.h>

namespace broker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

AgentStatus Of(const std::string& instance, const std::string& session, AgentState state) {
  AgentStatus status;
  status.instance = instance;
  status.agent = "tray";
  status.session = session;
  status.state = state;
  return status;
}

TEST(AnAgentBoard, HasTheLastThatWasSaidOfEach) {
  AgentBoard board;
  EXPECT_TRUE(board.Put(Of("b", "1", AgentState::kRunning)));
  EXPECT_TRUE(board.Put(Of("a", "2", AgentState::kRunning)));
  EXPECT_TRUE(board.Put(Of("a", "2", AgentState::kGaveUp)));
  EXPECT_THAT(board.List(),
              ElementsAre(Of("a", "2", AgentState::kGaveUp), Of("b", "1", AgentState::kRunning)));
}

TEST(AnAgentBoard, TellsWhetherTheStateIsAnother) {
  AgentBoard board;
  board.Put(Of("a", "1", AgentState::kBackingOff));
  AgentStatus again = Of("a", "1", AgentState::kBackingOff);
  again.restarts = 3;
  EXPECT_FALSE(board.Put(again));
  EXPECT_EQ(board.List().front().restarts, 3U) << "but it is known";
  EXPECT_TRUE(board.Put(Of("a", "1", AgentState::kRunning)));
}

TEST(AnAgentBoard, ForgetsThoseThatAreGone) {
  AgentBoard board;
  board.Put(Of("a", "1", AgentState::kRunning));
  board.Put(Of("a", "2", AgentState::kRunning));
  board.Put(Of("a", "1", AgentState::kGone));
  EXPECT_THAT(board.List(), ElementsAre(Of("a", "2", AgentState::kRunning)));
  board.Forget("a");
  EXPECT_THAT(board.List(), IsEmpty());
}

}  // namespace
}  // namespace broker
