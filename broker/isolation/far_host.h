#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "isolation/far_side.h"
#include "isolation/message.h"
#include "usher/plugin.h"

namespace broker {

/// The host of a plugin whose broker is in another process: each of its functions is a call there.
///
/// Made on the plugin's thread. Thread-safe.
class FarHost {
 public:
  /// `peer` is set before the first call, as each needs the other.
  FarHost();
  FarHost(const FarHost&) = delete;
  FarHost& operator=(const FarHost&) = delete;

  void Use(FarSide& peer) { peer_ = &peer; }

  /// To be handed to the plugin. Owned by this.
  [[nodiscard]] const usher_host* Get() const { return &host_; }

  /// The bytes of the answer; empty where the broker is gone.
  [[nodiscard]] std::string Call(const MessageWriter& message) const;

  /// A copy of the text that is there as long as this is.
  const char* Keep(std::string_view text);

  [[nodiscard]] bool IsPluginThread() const { return std::this_thread::get_id() == thread_; }
  [[nodiscard]] static FarHost* From(const usher_host* host) {
    return host == nullptr ? nullptr : static_cast<FarHost*>(host->host_data);
  }

 private:
  const std::thread::id thread_ = std::this_thread::get_id();
  FarSide* peer_ = nullptr;
  usher_host host_{};
  std::mutex mutex_;
  std::set<std::string, std::less<>> kept_;
};

/// The function table of the extension with this id, as FarHost has it; null if there is none.
[[nodiscard]] const void* FindFarExtension(std::string_view id);

}  // namespace broker
