// usher/cpp/entry.hpp: the descriptor, and the functions behind the C interface.
#ifndef USHER_CPP_ENTRY_HPP
#define USHER_CPP_ENTRY_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "usher/cpp/base.hpp"
#include "usher/cpp/error.hpp"
#include "usher/cpp/event_type.hpp"
#include "usher/plugin.h"

namespace usher {
namespace detail {

/// Names for the descriptor, in static storage.
template <size_t N>
struct NameList {
  static constexpr size_t kCount = N;
  const char* names[N == 0 ? 1 : N] = {};
  uint32_t count = N;
};
template <size_t N>
struct EventList : NameList<N> {};
template <size_t N>
struct ExtensionList : NameList<N> {};
template <size_t N>
struct OptionalList : NameList<N> {};

/// What else the descriptor says.
struct Flags {
  uint32_t bits = 0;
};

/// What may stand behind the events.
template <class Type>
struct IsNeed : std::is_same<Type, Flags> {};
template <size_t N>
struct IsNeed<ExtensionList<N>> : std::true_type {};
template <size_t N>
struct IsNeed<OptionalList<N>> : std::true_type {};

}  // namespace detail

/// The types that a plugin may want: EventType, or names as const char* for types of other plugins.
template <class... Types>
[[nodiscard]] constexpr detail::EventList<sizeof...(Types)> Events(Types... types) {
  static_assert(sizeof...(Types) > 0, "name the types, or say usher::AllEvents");
  return {{{detail::TypeName(types)...}}};
}

/// Every type there is, also those yet to come.
inline constexpr detail::EventList<0> AllEvents{};

/// Extensions by id, e.g. USHER_EXT_STORAGE, without which the broker refuses the instance.
template <class... Ids>
[[nodiscard]] constexpr detail::ExtensionList<sizeof...(Ids)> Requires(Ids... ids) {
  return {{{static_cast<const char*>(ids)...}}};
}

/// Extensions by id that the plugin uses where they are granted.
template <class... Ids>
[[nodiscard]] constexpr detail::OptionalList<sizeof...(Ids)> Optional(Ids... ids) {
  return {{{static_cast<const char*>(ids)...}}};
}

/// Events that the instance itself caused come as well.
[[nodiscard]] constexpr detail::Flags OwnEvents() {
  return {USHER_PLUGIN_WANTS_OWN_EVENTS};
}

namespace detail {

/// The first of the arguments that is such a list; an empty one if none is.
template <template <size_t> class List>
struct Pick {
  static constexpr List<0> From() { return {}; }
  template <size_t N, class... Rest>
  static constexpr List<N> From(List<N> found, Rest...) {
    return found;
  }
  template <class Other, class... Rest>
  static constexpr auto From(Other, Rest... rest) {
    return From(rest...);
  }
};

constexpr Flags PickFlags() {
  return {};
}
template <class First, class... Rest>
constexpr Flags PickFlags(First first, Rest... rest) {
  if constexpr (std::is_same_v<First, Flags>) {
    return first;
  } else {
    return PickFlags(rest...);
  }
}

/// What the last arguments of USHER_PLUGIN amount to.
template <size_t N, size_t M, size_t K>
struct Needs {
  EventList<N> events;
  ExtensionList<M> extensions;
  OptionalList<K> optional;
  Flags flags;
};

template <size_t N, class... More>
constexpr auto MakeNeeds(EventList<N> events, More... more) {
  static_assert((... && IsNeed<More>::value),
                "behind the events come usher::Requires(...), Optional(...), OwnEvents()");
  const auto required = Pick<ExtensionList>::From(more...);
  const auto optional = Pick<OptionalList>::From(more...);
  return Needs<N, decltype(required)::kCount, decltype(optional)::kCount>{
      events, required, optional, PickFlags(more...)};
}

/// What to say where the arguments begin in another way.
template <class... Others>
constexpr auto MakeNeeds(Others...) {
  static_assert(sizeof...(Others) == static_cast<size_t>(-1),
                "begin with usher::Events(...) or usher::AllEvents");
  return Needs<0, 0, 0>{};
}

/// Whether a plugin's id has at least two parts.
constexpr bool IsId(const char* id) {
  for (const char* at = id; *at != '\0'; ++at) {
    if (*at == '.') return true;
  }
  return false;
}

template <class Class, class = void>
struct HasConfigCheck : std::false_type {};
template <class Class>
struct HasConfigCheck<Class, std::void_t<decltype(&Class::CheckConfig)>> : std::true_type {};

template <class Class>
usher_status CheckConfig(const usher_host* host, usher_error* error) noexcept {
  return Guard(error, [host] { Class::CheckConfig(Host(host)); });
}

/// `needs` must be static.
template <class Class, size_t N, size_t M, size_t K>
constexpr usher_plugin_descriptor Describe(const char* id, const char* version,
                                           const Needs<N, M, K>& needs) {
  usher_plugin_descriptor descriptor{};
  descriptor.size = sizeof(usher_plugin_descriptor);
  descriptor.id = id;
  descriptor.name = id;
  descriptor.version = version;
  descriptor.event_types = needs.events.names;
  descriptor.event_type_count = needs.events.count;
  descriptor.required_extensions = needs.extensions.names;
  descriptor.required_extension_count = needs.extensions.count;
  descriptor.flags = needs.flags.bits;
  descriptor.optional_extensions = needs.optional.names;
  descriptor.optional_extension_count = needs.optional.count;
  if constexpr (HasConfigCheck<Class>::value) {
    static_assert(std::is_invocable_v<decltype(&Class::CheckConfig), const Host&>,
                  "write: static void CheckConfig(const usher::Host& host)");
    descriptor.check_config = CheckConfig<Class>;
  }
  return descriptor;
}

/// An instance with its function table.
struct Instance {
  usher_plugin table{};
  Host host;
  std::unique_ptr<BasicPlugin> plugin;

  static BasicPlugin& Of(const usher_plugin* table) noexcept {
    return *static_cast<Instance*>(table->plugin_data)->plugin;
  }
  static Answer Handle(const usher_plugin* table, const Event& event) {
    return Of(table).Handle(event);
  }
};

inline usher_status Init(const usher_plugin* table, usher_error* error) noexcept {
  return Guard(error, [&] { Instance::Of(table).OnInit(); });
}

inline usher_status OnSnapshot(const usher_plugin* table, const usher_snapshot* snapshot,
                               usher_error* error) noexcept {
  return Guard(error, [&] { Instance::Of(table).OnSnapshot(Snapshot(*snapshot)); });
}

inline usher_status OnEvent(const usher_plugin* table, const usher_event* event,
                            usher_error* error) noexcept {
  auto answer = Answer::kDone;
  const usher_status status =
      Guard(error, [&] { answer = Instance::Handle(table, Event(*event)); });
  return status == USHER_OK ? static_cast<usher_status>(answer) : status;
}

/// Makes a call that has no way to answer with an error: that is logged.
template <class Call>
void GuardWithLog(const usher_plugin* table, Call&& call) noexcept {
  usher_error error = EmptyError();
  const usher_status status = Guard(&error, call);
  if (status != USHER_OK) static_cast<Instance*>(table->plugin_data)->host.LogError(error.text);
}

inline void Stop(const usher_plugin* table) noexcept {
  GuardWithLog(table, [&] { Instance::Of(table).OnStop(); });
}

inline void Interrupt(const usher_plugin* table) noexcept {
  GuardWithLog(table, [&] { Instance::Of(table).Interrupt(); });
}

inline void Destroy(const usher_plugin* table) noexcept {
  const std::unique_ptr<Instance> owned(static_cast<Instance*>(table->plugin_data));
}

inline usher_plugin MakeTable(Instance& instance) noexcept {
  usher_plugin table{};
  table.size = sizeof(usher_plugin);
  table.plugin_data = &instance;
  table.init = Init;
  table.on_snapshot = OnSnapshot;
  table.on_event = OnEvent;
  table.stop = Stop;
  table.destroy = Destroy;
  table.interrupt = Interrupt;
  return table;
}

template <class Class>
const usher_plugin* Create(const usher_host* raw, usher_error* error) noexcept {
  const usher_plugin* table = nullptr;
  Guard(error, [&] {
    const Host host(raw);
    auto instance = std::make_unique<Instance>(Instance{{}, host, nullptr});
    instance->plugin = std::make_unique<Class>(host);
    instance->table = MakeTable(*instance);
    table = &instance.release()->table;
  });
  return table;
}

template <class Class>
constexpr usher_plugin_entry_t MakeEntry(const usher_plugin_descriptor* descriptor) {
  static_assert(std::is_base_of_v<BasicPlugin, Class>,
                "derive the class from usher::Plugin, usher::SessionPlugin or usher::AsyncPlugin");
  static_assert(std::is_abstract_v<Class> || std::is_constructible_v<Class, Host>,
                "the class needs its base's constructor: using Plugin::Plugin;");
  static_assert(!std::is_abstract_v<Class>, "the class needs an OnEvent");
  usher_plugin_entry_t entry{};
  entry.size = sizeof(usher_plugin_entry_t);
  entry.abi_version = USHER_ABI_VERSION;
  entry.descriptor = descriptor;
  entry.create = Create<Class>;
  return entry;
}

}  // namespace detail
}  // namespace usher

/// Defines the library's one symbol; once a library, outside any namespace. After the version come
/// usher::Events(…) or usher::AllEvents, and, where needed, usher::Requires(…), usher::Optional(…)
/// and usher::OwnEvents(). A class with a `static void CheckConfig(const usher::Host& host)` has
/// the configuration checked by it before it is made, and by `usherctl check-config`; the host has
/// Config() and the log only. Nothing runs when the library is loaded: all of this is constant
/// data.
#define USHER_PLUGIN(Class, id, version, ...)                                                  \
  static_assert(::usher::detail::IsId(id), "an id is a domain read backwards: org.example.x"); \
  namespace {                                                                                  \
  constexpr auto usher_plugin_needs = ::usher::detail::MakeNeeds(__VA_ARGS__);                 \
  constexpr usher_plugin_descriptor usher_plugin_description =                                 \
      ::usher::detail::Describe<Class>(id, version, usher_plugin_needs);                       \
  }                                                                                            \
  constexpr usher_plugin_entry_t usher_plugin_entry =                                          \
      ::usher::detail::MakeEntry<Class>(&usher_plugin_description)

#endif
