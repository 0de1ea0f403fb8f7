#include "sdk/check/event_copy.h"

#include <cstring>
#include <new>

namespace broker::check {
namespace {

constexpr size_t kAlignment = alignof(std::max_align_t);
constexpr size_t kMostKept = 4096;  // Far below the number of mappings that a process may have.

/// Adds up what a copy takes when it has no memory, and makes it when it has.
class Copier {
 public:
  explicit Copier(char* memory) : memory_(memory) {}

  [[nodiscard]] size_t Used() const { return used_; }

  template <class T>
  T* Raw(const T* from, size_t count) {
    char* const to = memory_ == nullptr ? nullptr : memory_ + used_;
    const size_t size = sizeof(T) * count;
    used_ += (size + kAlignment - 1) / kAlignment * kAlignment;
    if (to != nullptr && size != 0) std::memcpy(to, from, size);
    return reinterpret_cast<T*>(to);
  }

  const char* Text(const char* text) {
    return text == nullptr ? nullptr : Raw(text, std::strlen(text) + 1);
  }

  const usher_session* SessionAt(const usher_session* session) {
    if (session == nullptr) return nullptr;
    usher_session copy = *session;
    for (const char** text :
         {&copy.id, &copy.key, &copy.user, &copy.user_id, &copy.session_class, &copy.type,
          &copy.seat, &copy.tty, &copy.display, &copy.remote_host}) {
      *text = Text(*text);
    }
    return Raw(&copy, 1);
  }

  const usher_detail* DetailAt(const usher_detail* detail) {
    const usher_detail copy{Text(detail->key), Text(detail->value)};
    return Raw(&copy, 1);
  }

  template <class T>
  const T* const* Array(const T* const* from, uint32_t count, const T* (Copier::*copy)(const T*)) {
    std::vector<const T*> pointers;
    for (uint32_t i = 0; i < count; ++i) pointers.push_back((this->*copy)(from[i]));
    return Raw(pointers.data(), pointers.size());
  }

  const usher_event* Whole(const usher_event& event) {
    usher_event copy = event;
    for (const char** text :
         {&copy.type_name, &copy.boot_id, &copy.source, &copy.reason, &copy.json}) {
      *text = Text(*text);
    }
    copy.session = SessionAt(event.session);
    copy.before = SessionAt(event.before);
    copy.details = Array(event.details, event.detail_count, &Copier::DetailAt);
    return Raw(&copy, 1);
  }

  const usher_snapshot* Whole(const usher_snapshot& snapshot) {
    usher_snapshot copy = snapshot;
    copy.sessions = Array(snapshot.sessions, snapshot.session_count, &Copier::SessionAt);
    return Raw(&copy, 1);
  }

 private:
  char* memory_;
  size_t used_ = 0;
};

template <class T>
const T& CopyTo(std::vector<GuardedMemory>& memory, Guard guard, const T& from) {
  Copier size(nullptr);
  size.Whole(from);
  if (memory.size() == kMostKept) memory.clear();
  GuardedMemory& room = memory.emplace_back(size.Used());
  const T* const copy = Copier(room.Begin()).Whole(from);
  if (guard == Guard::kReadOnly) room.Allow(GuardedMemory::Access::kRead);
  return *copy;
}

}  // namespace

const usher_event& GuardedCopies::Copy(const usher_event& event) {
  return guard_ == Guard::kNone ? event : CopyTo(memory_, guard_, event);
}

const usher_snapshot& GuardedCopies::Copy(const usher_snapshot& snapshot) {
  return guard_ == Guard::kNone ? snapshot : CopyTo(memory_, guard_, snapshot);
}

void GuardedCopies::Close() {
  if (guard_ == Guard::kCallOnly) memory_.back().Allow(GuardedMemory::Access::kNone);
}

}  // namespace broker::check
