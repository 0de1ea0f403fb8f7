#include "platform/linux/unit_properties.h"

#include <chrono>
#include <string>
#include <vector>

#include "action/policy.h"
#include "platform/linux/exec_command.h"

namespace broker {
namespace {

constexpr std::chrono::microseconds kGrace{2'000'000};

std::string UserOf(const RunOrder& order) {
  return order.run_as == RunAs::kRoot ? "0" : std::string(order.session->UserId());
}

}  // namespace

void AddRunProperties(BusWriter& writer, const RunOrder& order, const RunIo& io) {
  const std::string user = UserOf(order);
  const bool of_session = order.run_as == RunAs::kSessionUser;
  writer.Text("Description", "Usher: " + order.instance + " runs " + order.program);
  writer.Text("Type", "exec").Text("User", user);
  writer.Text("CollectMode", "inactive-or-failed").Text("KillMode", "control-group");
  if (of_session) writer.Text("Slice", "user-" + user + ".slice");
  writer.Add("(sv)", "RuntimeMaxUSec", "t", static_cast<uint64_t>(order.time_limit.count()));
  writer.Add("(sv)", "TimeoutStopUSec", "t", static_cast<uint64_t>(kGrace.count()));
  writer.Add("(sv)", "IgnoreSIGPIPE", "b", 0);
  writer.Add("(sv)", "StandardInputFileDescriptor", "h", io.Input());
  writer.Add("(sv)", "StandardOutputFileDescriptor", "h", io.OutputEnd());
  writer.Add("(sv)", "StandardErrorFileDescriptor", "h", io.OutputEnd());
  // A home that is not there is no reason not to run.
  const std::string home = of_session ? "-~" : "/";
  writer.Text("WorkingDirectory", order.directory.empty() ? home : order.directory);
  writer.Open('r', "sv").Add("s", "Environment").Open('v', "as");
  writer.Texts(BuildEnvironment(order)).Close().Close();
  AddCommand(writer, order.program, order.arguments);
}

}  // namespace broker
