#include "platform/linux/readers_group.h"

#include <grp.h>
#include <unistd.h>

#include <array>

namespace broker {

std::optional<gid_t> ReadersGroup() {
  if (::geteuid() != 0) return std::nullopt;
  group entry{};
  group* found = nullptr;
  std::array<char, 16384> buffer{};
  const int error = ::getgrnam_r("usher", &entry, buffer.data(), buffer.size(), &found);
  if (error != 0 || found == nullptr) return std::nullopt;
  return entry.gr_gid;
}

}  // namespace broker
