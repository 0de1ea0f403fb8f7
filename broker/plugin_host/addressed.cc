#include "plugin_host/addressed.h"

namespace broker {
namespace {

constexpr const char* kDetail = "instances";
constexpr const char* kBetween = ", ";

}  // namespace

void Address(const std::vector<std::string>& instances, Event& request) {
  std::string names;
  for (const std::string& name : instances) names.append(names.empty() ? "" : kBetween) += name;
  request.details.emplace_back(kDetail, std::move(names));
}

bool IsFor(const std::string& instance, const Event& event) {
  if (event.type != EventType::kControlRequest || event.origin != Origin::kBroker) return true;
  const std::string* names = event.Detail(kDetail);
  if (names == nullptr) return true;
  return (kBetween + *names + kBetween).find(kBetween + instance + kBetween) != std::string::npos;
}

}  // namespace broker
