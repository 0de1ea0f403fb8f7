#include "action/policy.h"

#include "action/order_check.h"

namespace broker {
namespace {

constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::string_view kLanguage = "LANG=C.UTF-8";

}  // namespace

Status CheckOrder(const RunOrder& order) {
  Status status = CheckCommand({order.program, order.arguments, order.variables, order.directory});
  if (!status.ok()) return status;
  if (order.run_as == RunAs::kSessionUser && order.session == nullptr) {
    return {StatusCode::kInvalid,
            "whose session it is must be said of a program that runs as a session's user"};
  }
  return {};
}

std::vector<std::string> BuildEnvironment(const RunOrder& order) {
  std::vector<std::string> environment{std::string(kPath), std::string(kLanguage)};
  if (order.session != nullptr) {
    environment.push_back("XDG_SESSION_ID=" + std::string(order.session->Id()));
  }
  if (order.run_as == RunAs::kSessionUser) {
    environment.push_back("XDG_RUNTIME_DIR=/run/user/" + std::string(order.session->UserId()));
  }
  for (const auto& [name, value] : order.variables) {
    environment.emplace_back(name).append("=").append(value);
  }
  return environment;
}

}  // namespace broker
