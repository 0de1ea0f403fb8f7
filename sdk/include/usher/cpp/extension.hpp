// usher/cpp/extension.hpp: an extension that may be absent.
#ifndef USHER_CPP_EXTENSION_HPP
#define USHER_CPP_EXTENSION_HPP

#include <optional>
#include <string>

#include "usher/cpp/error.hpp"

namespace usher {
namespace detail {

[[noreturn]] inline void ThrowNotGranted(const char* id) {
  throw Error(USHER_NOT_PERMITTED, std::string("the broker offers no extension \"") + id +
                                       "\", or the configuration does not grant it");
}

}  // namespace detail

/// The wrapper of an extension, or nothing where the broker has none or the configuration denies
/// it. Ask first (`if (const auto timers = host().Timers())`), or use it as if it were there: its
/// absence then throws Error (USHER_NOT_PERMITTED).
template <class Wrapper>
class Extension {
 public:
  /// `id` must outlive this, as a literal does.
  Extension(const char* id, std::optional<Wrapper> wrapper) noexcept
      : id_(id), wrapper_(std::move(wrapper)) {}

  explicit operator bool() const noexcept { return wrapper_.has_value(); }
  const Wrapper* operator->() const { return &**this; }
  const Wrapper& operator*() const {
    if (!wrapper_) detail::ThrowNotGranted(id_);
    return *wrapper_;
  }

 private:
  const char* id_;
  std::optional<Wrapper> wrapper_;
};

}  // namespace usher

#endif
