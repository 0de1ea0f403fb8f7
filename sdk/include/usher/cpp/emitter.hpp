// usher/cpp/emitter.hpp: events of the plugin's own.
#ifndef USHER_CPP_EMITTER_HPP
#define USHER_CPP_EMITTER_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "usher/cpp/error.hpp"
#include "usher/ext/emit.h"

namespace usher {

/// Makes events that are logged and delivered to other plugins. usher/ext/emit.h has the limits.
///
/// [any-thread & active]
class Emitter {
 public:
  using Table = usher_ext_emit;
  static constexpr const char* kId = USHER_EXT_EMIT;
  using Details = std::vector<std::pair<std::string, std::string>>;

  Emitter(const usher_host* host, const usher_ext_emit& table) noexcept
      : host_(host), table_(&table) {}

  /// Emits an event of the type `type`, which begins with the plugin's id and a dot. The event at
  /// hand becomes its cause; for one that was left open, from any thread until it is ended, name
  /// its number: Completion::seq. False where a limit is reached: the broker tells how many it held
  /// back. Throws Error when something is wrong with the arguments, or the time.
  bool Emit(const std::string& type, const Details& details = {}, uint64_t cause = 0) const {
    std::vector<usher_detail> raw;
    raw.reserve(details.size());
    std::vector<const usher_detail*> pointers;
    for (const auto& [key, value] : details) {
      raw.push_back({key.c_str(), value.c_str()});
      pointers.push_back(&raw.back());
    }
    usher_error error = detail::EmptyError();
    const usher_status status = table_->emit(host_, type.c_str(), pointers.data(),
                                             static_cast<uint32_t>(pointers.size()), cause, &error);
    if (status == USHER_LIMIT) return false;
    detail::Check(status, "emitting \"" + type + "\"", error.text);
    return true;
  }

 private:
  const usher_host* host_;
  const usher_ext_emit* table_;
};

}  // namespace usher

#endif
