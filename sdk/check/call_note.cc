#include "sdk/check/call_note.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <string_view>

namespace broker::check {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

template <size_t N>
void CopyText(std::array<char, N>& to, const char* from) noexcept {
  const std::string_view text = std::string_view(from == nullptr ? "" : from).substr(0, N - 1);
  *std::copy(text.begin(), text.end(), to.begin()) = '\0';
}

/// The other process may write at the same time.
template <size_t N>
std::string TextOf(const std::array<char, N>& text) {
  const std::array<char, N> copy = text;
  return {copy.begin(), std::find(copy.begin(), copy.end(), '\0')};
}

}  // namespace

Result<CallNote> CallNote::Map(const std::string& path) {
  try {
    if (!std::ifstream(path)) {
      std::ofstream(path, std::ios::binary) << std::string(sizeof(Memory), '\0');
    }
    const boost::interprocess::file_mapping file(path.c_str(), boost::interprocess::read_write);
    return CallNote(boost::interprocess::mapped_region(file, boost::interprocess::read_write, 0,
                                                       sizeof(Memory)));
  } catch (const std::exception& error) {
    return Status(StatusCode::kIo, "cannot map '" + path + "': " + error.what());
  }
}

void CallNote::Begin(size_t slot, const char* call, Seq seq, const char* type) noexcept {
  Slot& note = Shared().slots[slot];
  CopyText(note.call, call);
  CopyText(note.type, type);
  note.seq = seq;
  note.since_ns = nanoseconds(steady_clock::now().time_since_epoch()).count();
}

void CallNote::End(size_t slot) noexcept {
  Shared().slots[slot].since_ns = 0;
}

std::optional<CallNote::Open> CallNote::Oldest() const {
  std::optional<Open> oldest;
  for (const Slot& slot : Shared().slots) {
    const int64_t since_ns = slot.since_ns;
    const steady_clock::time_point since{nanoseconds(since_ns)};
    if (since_ns == 0 || (oldest && oldest->since <= since)) continue;
    oldest = Open{TextOf(slot.call) + "()", since};
    if (slot.seq == 0) continue;
    oldest->text += " with event " + std::to_string(slot.seq) + " " + TextOf(slot.type);
  }
  return oldest;
}

}  // namespace broker::check
