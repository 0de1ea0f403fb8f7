#include "plugin_host/host_services/emission.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "event/text.h"
#include "plugin_host/dotted_name.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr size_t kQuotedBytes = 128;
// Every byte that is not UTF-8 becomes four.
constexpr size_t kMaxUtf8Bytes = 4 * static_cast<size_t>(USHER_EMIT_MAX_VALUE);

usher_status Refuse(usher_status status, std::string& why, std::string text) {
  why = std::move(text);
  return status;
}

/// What stands behind the plugin's id and a dot; empty if that does not begin `type`.
std::string_view OwnName(std::string_view type, std::string_view id) {
  if (!type.starts_with(id) || type.size() <= id.size() || type[id.size()] != '.') return {};
  return type.substr(id.size() + 1);
}

usher_status CheckType(std::string_view id, const std::optional<std::string_view>& type,
                       std::string& why) {
  if (type && IsDotted(OwnName(*type, id), 1)) return USHER_OK;
  const std::string found =
      type ? "'" + ToUtf8(*type, kQuotedBytes) + "'"
           : "none of at most " + std::to_string(USHER_EMIT_MAX_TYPE) + " bytes";
  return Refuse(USHER_INVALID_ARGUMENT, why,
                "the type of an event that a plugin emits begins with the plugin's id, as '" +
                    std::string(id) + ".done' does; it is " + found);
}

bool IsKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool IsKey(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), IsKeyCharacter);
}

usher_status ReadDetail(const usher_detail* detail, Details& out, std::string& why) {
  if (detail == nullptr) return Refuse(USHER_INVALID_ARGUMENT, why, "a detail is NULL");
  const auto key = BoundedText(detail->key, USHER_EMIT_MAX_KEY);
  if (!key || !IsKey(*key)) {
    return Refuse(USHER_INVALID_ARGUMENT, why,
                  "a detail's key has 1 to " + std::to_string(USHER_EMIT_MAX_KEY) +
                      " characters of a-z, 0-9, '_', '.' and '-'");
  }
  const bool taken = std::any_of(out.begin(), out.end(),
                                 [&key](const auto& other) { return other.first == *key; });
  if (taken) {
    return Refuse(USHER_INVALID_ARGUMENT, why,
                  "the detail '" + std::string(*key) +
                      "' is there already; 'instance' and 'id' are the broker's");
  }
  if (detail->value == nullptr) {
    return Refuse(USHER_INVALID_ARGUMENT, why,
                  "the detail '" + std::string(*key) + "' has no value");
  }
  const auto value = BoundedText(detail->value, USHER_EMIT_MAX_VALUE);
  if (!value) {
    return Refuse(USHER_LIMIT, why,
                  "the detail '" + std::string(*key) + "' has more than " +
                      std::to_string(USHER_EMIT_MAX_VALUE) + " bytes");
  }
  out.emplace_back(*key, ToUtf8(*value, kMaxUtf8Bytes));
  return USHER_OK;
}

}  // namespace

usher_status ReadEmission(const Emitter& emitter, const char* type,
                          const usher_detail* const* details, uint32_t count, Event& event,
                          std::string& why) {
  const auto name = BoundedText(type, USHER_EMIT_MAX_TYPE);
  usher_status status = CheckType(emitter.id, name, why);
  if (status != USHER_OK) return status;
  if (details == nullptr && count != 0) {
    return Refuse(USHER_INVALID_ARGUMENT, why, "details are counted, but there are none");
  }
  if (count > USHER_EMIT_MAX_DETAILS) {
    return Refuse(USHER_LIMIT, why,
                  "an event has at most " + std::to_string(USHER_EMIT_MAX_DETAILS) + " details");
  }
  Details all{{"instance", std::string(emitter.instance)}, {"id", std::string(emitter.id)}};
  for (uint32_t i = 0; i < count && status == USHER_OK; ++i) {
    status = ReadDetail(details[i], all, why);
  }
  if (status != USHER_OK) return status;
  event.origin = Origin::kPlugin;
  event.type_name = *name;
  event.details = std::move(all);
  return USHER_OK;
}

}  // namespace broker
