#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plugin_host/plugin_text.h"
#include "usher/event.h"
#include "usher/status.h"

namespace broker {

/// Takes values out of what a plugin has passed, one after the other; the first failure stays, with
/// its sentence.
class RequestReader {
 public:
  /// No text has more bytes than `most_text`. `why` must outlive this.
  RequestReader(size_t most_text, std::string& why) : most_text_(most_text), why_(why) {}

  [[nodiscard]] usher_status Status() const { return status_; }

  void Demand(bool condition, usher_status otherwise, std::string text) {
    if (status_ != USHER_OK || condition) return;
    why_ = std::move(text);
    status_ = otherwise;
  }

  std::string Text(const char* text, const char* what) {
    Demand(text != nullptr, USHER_INVALID_ARGUMENT, std::string(what) + " is NULL");
    if (status_ != USHER_OK) return {};
    const auto bounded = BoundedText(text, most_text_);
    Demand(bounded.has_value(), USHER_LIMIT,
           std::string(what) + " has more than " + std::to_string(most_text_) + " bytes");
    return bounded ? std::string(*bounded) : std::string();
  }
  std::string Optional(const char* text, const char* what) {
    return text == nullptr ? std::string() : Text(text, what);
  }

  std::vector<std::string> Texts(const char* const* texts, uint32_t count, const char* what) {
    std::vector<std::string> read;
    for (uint32_t i = 0; i < count && status_ == USHER_OK; ++i)
      read.push_back(Text(texts[i], what));
    return read;
  }

  std::vector<std::pair<std::string, std::string>> Variables(const usher_detail* const* variables,
                                                             uint32_t count) {
    std::vector<std::pair<std::string, std::string>> read;
    for (uint32_t i = 0; i < count; ++i) {
      Demand(variables[i] != nullptr, USHER_INVALID_ARGUMENT, "a variable is NULL");
      if (status_ != USHER_OK) break;
      std::string name = Text(variables[i]->key, "a variable's name");
      read.emplace_back(std::move(name), Text(variables[i]->value, "a variable"));
    }
    return read;
  }

 private:
  const size_t most_text_;
  std::string& why_;
  usher_status status_ = USHER_OK;
};

}  // namespace broker
