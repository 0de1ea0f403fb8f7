#include "event/machine.h"

#include <systemd/sd-id128.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace broker {
namespace {

std::string Digits(sd_id128_t id) {
  std::array<char, SD_ID128_STRING_MAX> text{};
  return sd_id128_to_string(id, text.data());
}

}  // namespace

Result<Machine> ReadMachine() {
  sd_id128_t boot{};
  const int error = sd_id128_get_boot(&boot);
  if (error < 0) {
    return Status(StatusCode::kUnavailable,
                  "this boot's id cannot be read from /proc/sys/kernel/random/boot_id: " +
                      std::generic_category().message(-error) + "; is /proc mounted?");
  }
  // Small images and containers go without a machine id; nothing depends on it but the log's
  // header.
  sd_id128_t machine{};
  if (sd_id128_get_machine(&machine) < 0) machine = SD_ID128_NULL;
  return Machine{Digits(machine), Digits(boot)};
}

bool RunsPrivileged() {
  return ::geteuid() == 0;
}

}  // namespace broker
