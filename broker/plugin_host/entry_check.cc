#include "plugin_host/entry_check.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "event/text.h"
#include "plugin_host/dotted_name.h"
#include "plugin_host/plugin_text.h"

namespace broker {
namespace {

constexpr size_t kMaxNameBytes = 128;
constexpr uint32_t kMaxEventTypes = 256;
constexpr uint32_t kMaxExtensions = 64;
constexpr size_t kMinIdLabels = 2;
constexpr uint32_t kKnownFlags = USHER_PLUGIN_WANTS_OWN_EVENTS;

// What the first version of each structure has; later ones only append.
constexpr uint32_t kEntrySize =
    offsetof(usher_plugin_entry_t, create) + sizeof(usher_plugin_entry_t::create);
constexpr uint32_t kMostEntrySize = 4096;  // No version will have more; machine code looks like it.
constexpr uint32_t kDescriptorSize =
    offsetof(usher_plugin_descriptor, flags) + sizeof(usher_plugin_descriptor::flags);
constexpr uint32_t kPluginSize = offsetof(usher_plugin, destroy) + sizeof(usher_plugin::destroy);

/// Whether a structure that says that it has `size` bytes reaches to a member's end.
bool HasMember(uint32_t size, size_t offset, size_t bytes) {
  return size >= offset + bytes;
}

Status Refuse(std::string what) {
  return {StatusCode::kInvalid, std::move(what)};
}

Status TooSmall(std::string_view structure, uint32_t size, uint32_t least) {
  return Refuse("says that its " + std::string(structure) + " has " + std::to_string(size) +
                " bytes, at least " + std::to_string(least) +
                " are needed: set `size` with sizeof and build it with this broker's SDK");
}

std::string VersionText(uint32_t version) {
  return std::to_string(version >> 16U) + "." + std::to_string(version & 0xFFFFU);
}

/// Minor steps only append, so a plugin may be newer as well.
bool AbiFits(uint32_t version) {
  return (version >> 16U) == USHER_ABI_MAJOR && version >= USHER_ABI_OLDEST;
}

Status CheckAbi(const usher_plugin_entry_t& entry) {
  if (entry.size > kMostEntrySize) {
    return Refuse(
        "exports an usher_plugin_entry that is no usher_plugin_entry_t: it must be a structure, "
        "not "
        "a function");
  }
  if (entry.size < offsetof(usher_plugin_entry_t, descriptor)) {
    return TooSmall("entry", entry.size, kEntrySize);
  }
  if (!AbiFits(entry.abi_version)) {
    return Refuse("was built for plugin ABI " + VersionText(entry.abi_version) +
                  ", this broker takes " + VersionText(USHER_ABI_OLDEST) + " to " +
                  std::to_string(USHER_ABI_MAJOR) + ".x: rebuild it with this broker's SDK");
  }
  return {};
}

Status CheckShape(const usher_plugin_entry_t& entry) {
  if (entry.size < kEntrySize) return TooSmall("entry", entry.size, kEntrySize);
  if (entry.descriptor == nullptr) return Refuse("has no descriptor: set it in its entry");
  if (entry.descriptor->size < kDescriptorSize) {
    return TooSmall("descriptor", entry.descriptor->size, kDescriptorSize);
  }
  if (entry.create == nullptr) return Refuse("has no create function: set it in its entry");
  return {};
}

Result<std::string> ReadName(const char* text, std::string_view what) {
  const std::optional<std::string_view> bounded = BoundedText(text, kMaxNameBytes);
  if (text == nullptr || (bounded && bounded->empty())) {
    return Refuse("has no " + std::string(what) + " in its descriptor: set it");
  }
  if (!bounded) {
    return Refuse("has in its descriptor a text as " + std::string(what) +
                  " that does not end within " + std::to_string(kMaxNameBytes) + " bytes");
  }
  if (!IsUtf8(*bounded)) {
    return Refuse("has in its descriptor a text as " + std::string(what) + " that is not UTF-8: '" +
                  ToUtf8(*bounded, kMaxNameBytes) + "'");
  }
  return std::string(*bounded);
}

Status ReadNames(const usher_plugin_descriptor& descriptor, PluginInfo& info) {
  Result<std::string> id = ReadName(descriptor.id, "id");
  if (!id.ok()) return id.status();
  if (!IsDotted(id.value(), kMinIdLabels)) {
    return Refuse("has the id '" + ToUtf8(id.value(), kMaxNameBytes) +
                  "', which is no reverse domain name: choose one like org.example.lock-notes");
  }
  Result<std::string> name = ReadName(descriptor.name, "name");
  if (!name.ok()) return name.status();
  Result<std::string> version = ReadName(descriptor.version, "version");
  if (!version.ok()) return version.status();
  info.id = std::move(id).value();
  info.name = std::move(name).value();
  info.version = std::move(version).value();
  return {};
}

/// The elements of an array of names in the descriptor; `what` names one of them.
Result<std::vector<std::string>> ReadList(const char* const* list, uint32_t count, uint32_t most,
                                          std::string_view what) {
  if (count > most) {
    return Refuse("names " + std::to_string(count) + " entries as " + std::string(what) +
                  " in its descriptor, at most " + std::to_string(most) + " are allowed");
  }
  if (count > 0 && list == nullptr) {
    return Refuse("counts entries as " + std::string(what) +
                  " in its descriptor but has none: set both");
  }
  std::vector<std::string> names;
  for (uint32_t i = 0; i < count; ++i) {
    Result<std::string> name = ReadName(list[i], what);
    if (!name.ok()) return name.status();
    names.push_back(std::move(name).value());
  }
  return names;
}

Status ReadEventTypes(const usher_plugin_descriptor& descriptor, PluginInfo& info) {
  auto types =
      ReadList(descriptor.event_types, descriptor.event_type_count, kMaxEventTypes, "event type");
  if (!types.ok()) return types.status();
  for (const std::string& type : types.value()) {
    if (IsDotted(type, 1)) continue;
    return Refuse("names the event type '" + ToUtf8(type, kMaxNameBytes) +
                  "', which is not a dotted name like session.logon");
  }
  info.event_types = std::move(types).value();
  return {};
}

Status ReadFlags(const usher_plugin_descriptor& descriptor, PluginInfo& info) {
  const uint32_t unknown = descriptor.flags & ~kKnownFlags;
  if (unknown != 0) {
    return Refuse("sets bits in the flags of its descriptor that this broker does not know, " +
                  std::to_string(unknown) + ": leave them 0, or use a newer broker");
  }
  info.wants_own_events = (descriptor.flags & USHER_PLUGIN_WANTS_OWN_EVENTS) != 0;
  return {};
}

std::string Joined(std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

Status ReadExtensions(const usher_plugin_descriptor& descriptor,
                      std::span<const std::string_view> extensions, PluginInfo& info) {
  auto required = ReadList(descriptor.required_extensions, descriptor.required_extension_count,
                           kMaxExtensions, "extension");
  if (!required.ok()) return required.status();
  for (const std::string& id : required.value()) {
    if (std::find(extensions.begin(), extensions.end(), id) != extensions.end()) continue;
    return Refuse("requires the extension '" + ToUtf8(id, kMaxNameBytes) +
                  "', which this broker does not have; it has " + Joined(extensions));
  }
  info.required_extensions = std::move(required).value();
  return {};
}

/// What later versions have appended.
Status ReadAppended(const usher_plugin_descriptor& descriptor, PluginInfo& info) {
  if (HasMember(descriptor.size, offsetof(usher_plugin_descriptor, optional_extension_count),
                sizeof descriptor.optional_extension_count)) {
    auto optional = ReadList(descriptor.optional_extensions, descriptor.optional_extension_count,
                             kMaxExtensions, "optional extension");
    if (!optional.ok()) return optional.status();
    info.optional_extensions = std::move(optional).value();
  }
  if (HasMember(descriptor.size, offsetof(usher_plugin_descriptor, check_config),
                sizeof descriptor.check_config)) {
    info.checks_config = descriptor.check_config != nullptr;
  }
  return {};
}

}  // namespace

Result<PluginInfo> ReadEntry(const usher_plugin_entry_t& entry,
                             std::span<const std::string_view> extensions) {
  PluginInfo info;
  Status status = CheckAbi(entry);
  if (status.ok()) status = CheckShape(entry);
  if (status.ok()) status = ReadNames(*entry.descriptor, info);
  if (status.ok()) status = ReadEventTypes(*entry.descriptor, info);
  if (status.ok()) status = ReadFlags(*entry.descriptor, info);
  if (status.ok()) status = ReadExtensions(*entry.descriptor, extensions, info);
  if (status.ok()) status = ReadAppended(*entry.descriptor, info);
  if (!status.ok()) return status;
  return info;
}

Status CheckPlugin(const usher_plugin& plugin) {
  if (plugin.size < kPluginSize) return TooSmall("plugin", plugin.size, kPluginSize);
  if (plugin.init == nullptr) return Refuse("made a plugin without an init function: set it");
  if (plugin.destroy == nullptr) {
    return Refuse("made a plugin without a destroy function: set it");
  }
  return {};
}

InterruptFunction InterruptOf(const usher_plugin& plugin) {
  constexpr uint32_t kSize = offsetof(usher_plugin, interrupt) + sizeof(usher_plugin::interrupt);
  return plugin.size < kSize ? nullptr : plugin.interrupt;
}

}  // namespace broker
