#include "tests/support/fake_plugin_host.h"

#include <cstring>
#include <string_view>

namespace broker::testing {
namespace {

usher_error NewError() {
  usher_error error{};
  error.size = sizeof(error);
  return error;
}

}  // namespace

struct FakePluginHost::Functions {
  static FakePluginHost& Of(const usher_host* host) {
    auto& self = *static_cast<FakePluginHost*>(host->host_data);
    ++self.calls;
    return self;
  }

  template <class T>
  static usher_status Find(const usher_host* host, const char* key, const T*& value) {
    const auto& config = Of(host).config;
    const auto found = config.find(key);
    if (found == config.end()) return USHER_NOT_FOUND;
    value = std::get_if<T>(&found->second);
    return value == nullptr ? USHER_WRONG_TYPE : USHER_OK;
  }

  static usher_status GetString(const usher_host* host, const char* key, const char** out) {
    const std::string* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = value->c_str();
    return status;
  }

  template <class T, class Raw>
  static usher_status GetPlain(const usher_host* host, const char* key, Raw* out) {
    const T* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<Raw>(*value);
    return status;
  }

  static usher_status GetCount(const usher_host* host, const char* key, uint32_t* out) {
    const std::vector<std::string>* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status == USHER_OK) *out = static_cast<uint32_t>(value->size());
    return status;
  }

  static usher_status GetStringAt(const usher_host* host, const char* key, uint32_t index,
                                  const char** out) {
    const std::vector<std::string>* value = nullptr;
    const usher_status status = Find(host, key, value);
    if (status != USHER_OK) return status;
    if (index >= value->size()) return USHER_NOT_FOUND;
    *out = (*value)[index].c_str();
    return USHER_OK;
  }

  static void Log(const usher_host* host, usher_log_severity severity, const char* text) {
    FakePluginHost& self = Of(host);
    const std::lock_guard lock(self.mutex_);
    self.logs.emplace_back(severity, text);
  }

  static usher_status Visit(const usher_host* host, void (*callback)(void*, const usher_snapshot*),
                            void* context) {
    const FakePluginHost& self = Of(host);
    if (self.visit_status != USHER_OK) return self.visit_status;
    const FakeSnapshot snapshot(7, self.sessions);
    callback(context, &snapshot.raw());
    return USHER_OK;
  }

  static usher_status StorageFailure(const FakePluginHost& self, usher_error* error) {
    std::strncpy(error->text, self.storage_error.c_str(), USHER_ERROR_TEXT_SIZE - 1);
    return self.storage_status;
  }

  static usher_status Put(const usher_host* host, const char* key, const void* value, size_t length,
                          usher_error* error) {
    FakePluginHost& self = Of(host);
    if (self.storage_status != USHER_OK) return StorageFailure(self, error);
    self.storage[key] = std::string(static_cast<const char*>(value), length);
    return USHER_OK;
  }

  static usher_status Get(const usher_host* host, const char* key, void* buffer, size_t* length,
                          usher_error* error) {
    const FakePluginHost& self = Of(host);
    if (self.storage_status != USHER_OK) return StorageFailure(self, error);
    const auto found = self.storage.find(key);
    if (found == self.storage.end()) return USHER_NOT_FOUND;
    const bool fits = found->second.size() <= *length;
    *length = found->second.size();
    if (!fits) return USHER_TOO_SMALL;
    std::memcpy(buffer, found->second.data(), *length);
    return USHER_OK;
  }

  static usher_status Remove(const usher_host* host, const char* key, usher_error* error) {
    FakePluginHost& self = Of(host);
    if (self.storage_status != USHER_OK) return StorageFailure(self, error);
    self.storage.erase(key);
    return USHER_OK;
  }

  static usher_status Subscribe(const usher_host* host, const char* const* types, uint32_t count) {
    FakePluginHost& self = Of(host);
    self.subscribed.assign(types, types + count);
    return self.subscribe_status;
  }

  static usher_status Complete(const usher_host* host, uint64_t seq, usher_status status,
                               const char* text) {
    FakePluginHost& self = Of(host);
    const std::lock_guard lock(self.mutex_);
    self.completions_.push_back({seq, status, text == nullptr ? "" : text});
    return self.complete_status;
  }

  static int32_t ShouldStop(const usher_host* host) { return Of(host).should_stop ? 1 : 0; }

  static const void* GetExtension(const usher_host* host, const char* id) {
    static const usher_ext_config kConfig{sizeof(usher_ext_config),
                                          GetString,
                                          GetPlain<int64_t, int64_t>,
                                          GetPlain<double, double>,
                                          GetPlain<bool, int32_t>,
                                          GetCount,
                                          GetStringAt,
                                          nullptr};
    static const usher_ext_log kLog{sizeof(usher_ext_log), Log};
    static const usher_ext_sessions kSessions{sizeof(usher_ext_sessions), Visit};
    static const usher_ext_storage kStorage{sizeof(usher_ext_storage), Put, Get, Remove};
    static const std::map<std::string_view, const void*> kTables{{USHER_EXT_CONFIG, &kConfig},
                                                                 {USHER_EXT_LOG, &kLog},
                                                                 {USHER_EXT_SESSIONS, &kSessions},
                                                                 {USHER_EXT_STORAGE, &kStorage}};
    if (Of(host).missing_extensions.count(id) > 0) return nullptr;
    const auto found = kTables.find(id);
    return found == kTables.end() ? nullptr : found->second;
  }
};

FakePluginHost::FakePluginHost() {
  host_.size = sizeof(usher_host);
  host_.abi_version = USHER_ABI_VERSION;
  host_.host_data = this;
  host_.get_extension = Functions::GetExtension;
  host_.subscribe = Functions::Subscribe;
  host_.complete = Functions::Complete;
  host_.should_stop = Functions::ShouldStop;
}

std::vector<FakeCompletion> FakePluginHost::Completions() const {
  const std::lock_guard lock(mutex_);
  return completions_;
}

usher_session EmptySession() {
  usher_session session{};
  session.size = sizeof(session);
  session.id = session.key = session.user = session.user_id = session.session_class = "";
  session.type = session.seat = session.tty = session.display = session.remote_host = "";
  return session;
}

usher_session UserSession(const char* key, const char* user) {
  usher_session session = EmptySession();
  session.id = key;
  session.key = key;
  session.user = user;
  session.user_id = "1000";
  session.session_class = "user";
  session.type = "wayland";
  session.seat = "seat0";
  session.state = USHER_SESSION_ACTIVE;
  session.active = 1;
  session.logon_time_us = 1'700'000'000'000'000;
  return session;
}

usher_event EmptyEvent(usher_event_type type, const char* type_name, uint64_t seq) {
  usher_event event{};
  event.size = sizeof(event);
  event.type = type;
  event.type_name = type_name;
  event.seq = seq;
  event.realtime_us = 1'700'000'000'000'000 + static_cast<int64_t>(seq);
  event.boot_id = event.source = event.reason = "";
  event.json = "{}";
  return event;
}

FakeSnapshot::FakeSnapshot(uint64_t as_of_seq, std::vector<usher_session> sessions)
    : sessions_(std::move(sessions)) {
  for (const usher_session& session : sessions_) pointers_.push_back(&session);
  raw_.size = sizeof(raw_);
  raw_.reason = USHER_SNAPSHOT_ACTIVATED;
  raw_.as_of_seq = as_of_seq;
  raw_.realtime_us = 1'700'000'000'000'000 + static_cast<int64_t>(as_of_seq);
  raw_.sessions = pointers_.data();
  raw_.session_count = static_cast<uint32_t>(pointers_.size());
}

PluginDriver::PluginDriver(const usher_plugin_entry_t& entry, const FakePluginHost& host) {
  usher_error error = NewError();
  plugin_ = entry.create(host.raw(), &error);
  create_error_ = error.text;
}

PluginDriver::~PluginDriver() {
  if (plugin_ != nullptr) plugin_->destroy(plugin_);
}

CallResult PluginDriver::Init() {
  usher_error error = NewError();
  const usher_status status = plugin_->init(plugin_, &error);
  return {status, error.text};
}

CallResult PluginDriver::Snapshot(const usher_snapshot& snapshot) {
  if (plugin_->on_snapshot == nullptr) return {};
  usher_error error = NewError();
  const usher_status status = plugin_->on_snapshot(plugin_, &snapshot, &error);
  return {status, error.text};
}

CallResult PluginDriver::Event(const usher_event& event) {
  if (plugin_->on_event == nullptr) return {};
  usher_error error = NewError();
  const usher_status status = plugin_->on_event(plugin_, &event, &error);
  return {status, error.text};
}

void PluginDriver::Interrupt() {
  if (plugin_->interrupt != nullptr) plugin_->interrupt(plugin_);
}

void PluginDriver::Stop() {
  if (plugin_->stop != nullptr) plugin_->stop(plugin_);
}

}  // namespace broker::testing
