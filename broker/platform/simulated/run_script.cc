#include "platform/simulated/run_script.h"

#include <algorithm>
#include <utility>

namespace broker {
namespace {

bool IsAbout(const RunRule& rule, const RunOrder& order) {
  if (!rule.program.empty() && rule.program != order.program) return false;
  if (order.session == nullptr) return rule.session.empty() && rule.user.empty();
  return (rule.session.empty() || rule.session == order.session->Key()) &&
         (rule.user.empty() || rule.user == order.session->User());
}

bool IsInForce(const RunRule& rule, int64_t now_us) {
  if (rule.at_us > now_us) return false;
  return rule.lasting_us == 0 ? rule.times > 0 : now_us < rule.at_us + rule.lasting_us;
}

}  // namespace

void RunScript::Add(RunRule rule) {
  const MutexLock lock(mutex_);
  rules_.push_back(std::move(rule));
}

RunEnd RunScript::EndOf(const RunOrder& order) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&order](const RunRule& rule) {
    return IsInForce(rule, order.asked_us) && IsAbout(rule, order);
  });
  if (found == rules_.end()) return EndOfProgram(RunEndKind::kExited, 0);
  if (found->lasting_us == 0) --found->times;
  return found->end;
}

}  // namespace broker
