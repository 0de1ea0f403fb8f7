#pragma once

#include <systemd/sd-bus.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include "platform/linux/stable_hash.h"

namespace broker {

/// Puts things into a message of sd-bus; the first failure stays, and what comes after it is left
/// out.
///
/// Not thread-safe. Source: sd_bus_message_append(3), sd_bus_message_open_container(3).
class BusWriter {
 public:
  /// `message` must outlive this.
  explicit BusWriter(sd_bus_message* message) : message_(message) {}
  /// One that puts them nowhere: for its Digest().
  BusWriter() = default;

  /// As sd_bus_message_append().
  template <class... Values>
  BusWriter& Add(const char* types, Values... values) {
    Note(types);
    (Note(values), ...);
    if (IsWriting()) result_ = sd_bus_message_append(message_, types, values...);
    return *this;
  }
  /// A property, `(sv)`, whose value is a text.
  BusWriter& Text(const char* property, const std::string& value) {
    return Add("(sv)", property, "s", value.c_str());
  }
  BusWriter& Open(char type, const char* contents) {
    Note(contents);
    if (IsWriting()) result_ = sd_bus_message_open_container(message_, type, contents);
    return *this;
  }
  BusWriter& Close() {
    if (IsWriting()) result_ = sd_bus_message_close_container(message_);
    return *this;
  }
  /// An array of texts, `as`.
  BusWriter& Texts(const std::vector<std::string>& texts) {
    Open('a', "s");
    for (const std::string& text : texts) Add("s", text.c_str());
    return Close();
  }
  /// What sd-bus said: 0 or more, or a negative errno.
  [[nodiscard]] int Result() const { return result_; }
  /// A number that two messages share only if the same was put into both, as good as certainly.
  [[nodiscard]] uint64_t Digest() const { return digest_.Value(); }

 private:
  [[nodiscard]] bool IsWriting() const { return message_ != nullptr && result_ >= 0; }
  void Note(const char* text) { digest_.Add(text); }
  template <std::integral Number>
  void Note(Number number) {
    digest_.Add(std::to_string(number));
  }

  sd_bus_message* message_ = nullptr;
  StableHash digest_;
  int result_ = 0;
};

}  // namespace broker
