#pragma once

#include <systemd/sd-bus.h>

#include <string>
#include <vector>

namespace broker {

/// Puts things into a message of sd-bus; the first failure stays, and what comes after it is left
/// out.
///
/// Not thread-safe. Source: sd_bus_message_append(3), sd_bus_message_open_container(3).
class BusWriter {
 public:
  /// `message` must outlive this.
  explicit BusWriter(sd_bus_message* message) : message_(message) {}

  /// As sd_bus_message_append().
  template <class... Values>
  BusWriter& Add(const char* types, Values... values) {
    if (result_ >= 0) result_ = sd_bus_message_append(message_, types, values...);
    return *this;
  }
  /// A property, `(sv)`, whose value is a text.
  BusWriter& Text(const char* property, const std::string& value) {
    return Add("(sv)", property, "s", value.c_str());
  }
  BusWriter& Open(char type, const char* contents) {
    if (result_ >= 0) result_ = sd_bus_message_open_container(message_, type, contents);
    return *this;
  }
  BusWriter& Close() {
    if (result_ >= 0) result_ = sd_bus_message_close_container(message_);
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

 private:
  sd_bus_message* message_;
  int result_ = 0;
};

}  // namespace broker
