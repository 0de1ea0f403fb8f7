#include "plugin_host/crash_record.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace broker {
namespace {

constexpr std::array<char, 8> kMagic{'u', 's', 'h', 'e', 'r', 'c', 'r', '1'};
// Rows of more instances than anybody configures; untouched ones cost disk only.
constexpr size_t kSlots = 256;
constexpr size_t kMaxBootId = 64;

static_assert(sizeof(CallSlot) == 192, "what is in the file is as long as it was");
static_assert(std::atomic<uint64_t>::is_always_lock_free);

}  // namespace

struct alignas(64) CrashRecord::Header {
  std::array<char, 8> magic{};
  std::atomic<uint32_t> foreign_signal = 0;
  std::array<char, kMaxBootId> boot_id{};
};

Result<std::unique_ptr<CrashRecord>> CrashRecord::Open(const std::string& path,
                                                       const std::string& boot_id) {
  auto file = MapFile(path, sizeof(Header) + kSlots * sizeof(CallSlot));
  if (!file.ok()) return file.status();
  return std::make_unique<CrashRecord>(std::move(file).value(), boot_id);
}

CrashRecord::CrashRecord(std::unique_ptr<MappedFile> file, const std::string& boot_id)
    : file_(std::move(file)), boot_id_(boot_id.substr(0, kMaxBootId - 1)) {
  const Header& head = Head();
  const bool ours =
      head.magic == kMagic && head.boot_id.back() == '\0' && boot_id_ == head.boot_id.data();
  if (ours) blamed_ = FindBlamed();
  if (blamed_.empty()) Forget();
}

CrashRecord::Header& CrashRecord::Head() const {
  return *reinterpret_cast<Header*>(file_->Bytes().data());
}

std::span<CallSlot> CrashRecord::Slots() const {
  return {reinterpret_cast<CallSlot*>(file_->Bytes().data() + sizeof(Header)), kSlots};
}

std::vector<OpenCall> CrashRecord::FindBlamed() const {
  std::vector<OpenCall> marked;
  std::vector<OpenCall> open;
  std::vector<OpenCall> kept;
  for (CallSlot& slot : Slots()) {
    slot.instance[sizeof slot.instance - 1] = '\0';
    if (slot.instance[0] == '\0') continue;
    const OpenCall call{slot.instance, PluginCall{slot.call.load()},
                        slot.seq,      slot.chain,
                        slot.fault,    slot.struck_us};
    if (slot.settled == CallSlot::kKept) {
      kept.push_back(call);
    } else if (slot.fault != CallSlot::kNoFault) {
      marked.push_back(call);
    } else if (slot.call != 0 && slot.settled == CallSlot::kOpen) {
      open.push_back(call);
    }
  }
  if (Head().foreign_signal != 0) return kept;
  const std::vector<OpenCall>& ended = marked.empty() ? open : marked;
  kept.insert(kept.end(), ended.begin(), ended.end());
  return kept;
}

void CrashRecord::Forget(std::span<const OpenCall> kept) {
  std::memset(file_->Bytes().data(), 0, file_->Bytes().size());
  Header& head = Head();
  head.magic = kMagic;
  boot_id_.copy(head.boot_id.data(), boot_id_.size());
  for (const OpenCall& call : kept) Keep(call);
}

void CrashRecord::Keep(const OpenCall& call) {
  CallSlot* const slot = Take(call.instance);
  if (slot == nullptr) return;
  slot->Open({call.call, call.seq, call.chain, {}});
  slot->fault = call.fault;
  slot->struck_us = call.struck_us;
  slot->settled = CallSlot::kKept;
}

void CrashRecord::Forgive(const std::string& instance) {
  for (CallSlot& slot : Slots()) {
    if (slot.settled == CallSlot::kKept && slot.instance == instance) GiveBack(&slot);
  }
}

CallSlot* CrashRecord::Take(const std::string& instance) {
  const MutexLock lock(mutex_);
  const auto slots = Slots();
  const auto free = std::find_if(slots.begin(), slots.end(),
                                 [](const CallSlot& slot) { return slot.instance[0] == '\0'; });
  if (free == slots.end()) return nullptr;
  free->call = free->fault = free->chain = free->settled = 0;
  free->code_begin = free->code_end = 0;
  free->struck_us = 0;
  instance.copy(free->instance, sizeof free->instance - 1);
  return &*free;
}

void CrashRecord::GiveBack(CallSlot* slot) {
  const MutexLock lock(mutex_);
  slot->Close();
  std::memset(slot->instance, 0, sizeof slot->instance);
}

void CrashRecord::NoteForeignSignal(uint32_t signal) noexcept {
  Head().foreign_signal = signal;
}

}  // namespace broker
