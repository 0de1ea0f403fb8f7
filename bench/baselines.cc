// What the broker is compared with: the same lines, handed over with as little as possible.

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <benchmark/benchmark.h>
#include <glib-object.h>

#include "busy_desktop.h"
#include "environment.h"
#include "pace.h"
#include "page_cache.h"
#include "placement.h"

namespace bench {
namespace {

constexpr uint64_t kEvents = 200'000;
constexpr uint64_t kSyncedEvents = 500;
constexpr uint64_t kSyncedAtRate = 1'000;
constexpr int64_t kPerSecond = 1'000;
constexpr uint64_t kHandedOver = 2'000;
constexpr int kHandlers = 8;

void Check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

/// A fresh file that is written line by line, and removed.
class LineFile {
 public:
  LineFile()
      : path_(Directory() + "/baseline"),
        descriptor_(
            ::open(path_.c_str(), O_CREAT | O_TRUNC | O_APPEND | O_WRONLY | O_CLOEXEC, 0600)) {
    Check(descriptor_ >= 0, "open");
  }
  ~LineFile() {
    ::close(descriptor_);
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  void Write(const std::string& line) const {
    Check(::write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size()),
          "write");
  }
  void Sync() const { Check(::fdatasync(descriptor_) == 0, "fdatasync"); }

 private:
  const std::string path_;
  const int descriptor_;
};

void WriteLoop(benchmark::State& state) {
  const std::vector<std::string> lines = MakeLines(Events(kEvents));
  WarmPageCache(lines.size());
  const LineFile file;
  for (auto _ : state) {
    const int64_t begin = Counter::Nanoseconds();
    for (const std::string& line : lines) file.Write(line);
    ShowRate(state, lines.size(), Counter::Nanoseconds() - begin);
  }
  state.counters["line_bytes"] = static_cast<double>(lines.front().size());
}

void WriteAndSyncLoop(benchmark::State& state) {
  const std::vector<std::string> lines = MakeLines(std::min(Events(kSyncedEvents), kSyncedEvents));
  const LineFile file;
  for (auto _ : state) {
    const int64_t begin = Counter::Nanoseconds();
    for (const std::string& line : lines) {
      file.Write(line);
      file.Sync();
    }
    ShowRate(state, lines.size(), Counter::Nanoseconds() - begin);
  }
}

void OnEvent(GObject* /*emitter*/, gpointer seq, gpointer counter) {
  static_cast<Counter*>(counter)->See(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(seq)));
}

/// An object with one signal that carries one pointer.
class Emitter {
 public:
  Emitter()
      : object_(static_cast<GObject*>(g_object_new(G_TYPE_OBJECT, nullptr))), signal_(Signal()) {
    for (Counter& counter : counters_)
      g_signal_connect(object_, "usher-bench", G_CALLBACK(OnEvent), &counter);
  }
  ~Emitter() { g_object_unref(object_); }
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  void Emit(uint64_t seq) const {
    g_signal_emit(object_, signal_, 0, reinterpret_cast<gpointer>(static_cast<uintptr_t>(seq)));
  }

 private:
  static guint Signal() {
    const guint known = g_signal_lookup("usher-bench", G_TYPE_OBJECT);
    return known != 0
               ? known
               : g_signal_new("usher-bench", G_TYPE_OBJECT, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr,
                              g_cclosure_marshal_VOID__POINTER, G_TYPE_NONE, 1, G_TYPE_POINTER);
  }

  GObject* const object_;
  const guint signal_;
  std::array<Counter, kHandlers> counters_;
};

void SignalAndWriteLoop(benchmark::State& state) {
  const std::vector<std::string> lines = MakeLines(Events(kEvents));
  WarmPageCache(lines.size());
  const LineFile file;
  const Emitter emitter;
  for (auto _ : state) {
    const int64_t begin = Counter::Nanoseconds();
    uint64_t seq = 0;
    for (const std::string& line : lines) {
      file.Write(line);
      emitter.Emit(++seq);
    }
    ShowRate(state, lines.size(), Counter::Nanoseconds() - begin);
  }
}

/// How long one write() and fdatasync() takes, where there is time between them.
void WriteAndSyncAtRate(benchmark::State& state) {
  const std::vector<std::string> lines = MakeLines(std::min(Events(kSyncedAtRate), kSyncedAtRate));
  const LineFile file;
  std::vector<int64_t> latencies;
  const Stay stay(kSendersProcessor);
  for (auto _ : state) {
    Pace pace(kPerSecond);
    const int64_t start = Counter::Nanoseconds();
    for (const std::string& line : lines) {
      pace.WaitForNext();
      const int64_t begin = Counter::Nanoseconds();
      file.Write(line);
      file.Sync();
      latencies.push_back(Counter::Nanoseconds() - begin);
    }
    state.SetIterationTime(static_cast<double>(Counter::Nanoseconds() - start) / 1e9);
  }
  ShowLatencies(state, std::move(latencies));
}

/// One place, filled by one thread and emptied by another.
class HandOff {
 public:
  void Put(int64_t value) {
    const std::lock_guard lock(mutex_);
    value_ = value;
    full_ = true;
    filled_.notify_one();
  }
  int64_t Take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return full_; });
    full_ = false;
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  int64_t value_ = 0;
  bool full_ = false;
};

void BareHandOff(benchmark::State& state, unsigned receivers_processor) {
  const Stay senders(kSendersProcessor);
  const uint64_t count = std::min(Events(kHandedOver), kHandedOver);
  std::vector<int64_t> latencies;
  for (auto _ : state) {
    HandOff place;
    const int64_t begin = Counter::Nanoseconds();
    std::thread receiver([&place, &latencies, receivers_processor] {
      const Stay stay(receivers_processor);
      while (const int64_t sent = place.Take()) latencies.push_back(Counter::Nanoseconds() - sent);
    });
    Pace pace(kPerSecond);
    for (uint64_t i = 0; i < count; ++i) {
      pace.WaitForNext();
      place.Put(Counter::Nanoseconds());
    }
    pace.WaitForNext();
    place.Put(0);
    receiver.join();
    state.SetIterationTime(static_cast<double>(Counter::Nanoseconds() - begin) / 1e9);
  }
  ShowLatencies(state, std::move(latencies));
}

}  // namespace

void RegisterBaselines() {
  const auto once = [](const char* name, void (*run)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, run)->Iterations(1)->UseManualTime();
  };
  once("baseline/write", WriteLoop);
  once("baseline/g_signal_emit", SignalAndWriteLoop);
  once("baseline/fdatasync", WriteAndSyncLoop);
  once("baseline/hand-off/near", [](auto& state) { BareHandOff(state, kSendersProcessor); });
  once("baseline/hand-off/far", [](auto& state) { BareHandOff(state, kReceiversProcessor); });
  once("baseline/fdatasync-latency/near", WriteAndSyncAtRate);
}

}  // namespace bench
