// Does in one call what no plugin may do, as the keys of its configuration say:
//   in     the call: "create", "init", "on_snapshot", "on_event", "stop", "destroy"
//   how    "hang" for ever; "wait" as long as there is the file `while`; "obey": hang until
//          should_stop(); "be interrupted": hang until interrupt(), "at length" where that
//          takes its time itself; "segfault", "abort", "overflow" the stack, "exit", "_exit";
//          "abort a thread", "segfault a thread" of its own, a little later "fork" a child that
//          stays, and note its number in the file `child`
//   while  only as long as there is this file; always, if it is left out
//   type   on_event: only with events of this type
//   then   on_event: "fail" once that is done
//   notes  a file that each event is noted in: "SEQ TYPE" and perhaps " again"
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include <unistd.h>
#include <usher/ext/config.h>

#include "skeleton.h"

namespace {

struct Misbehaving {
  usher_plugin plugin;
  const usher_host* host;
  std::atomic<bool> interrupted = false;
  std::atomic<bool> interrupting = false;
  std::string how{};   ///< Of the configuration.
  std::string last{};  ///< What to do in destroy(), where there is no configuration any more.
};

void Pause() {
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

std::string Key(const usher_host* host, const char* key) {
  const auto* config =
      static_cast<const usher_ext_config*>(host->get_extension(host, USHER_EXT_CONFIG));
  const char* text = nullptr;
  return config->get_string(host, key, &text) == USHER_OK ? text : "";
}

void Segfault() {
  // Not null: sanitizers say so before there is a signal.
  auto* volatile nowhere = reinterpret_cast<volatile int*>(8);
  *nowhere = 1;
}

void Fork(const std::string& note) {
  const pid_t child = fork();
  while (child == 0) pause();
  std::ofstream(note) << child << std::endl;
}

void Later(void (*end)()) {
  Pause();
  end();
}

/// Ends at a depth that no stack has room for.
int Overflow(int depth) {
  volatile char frame[4096];
  frame[0] = 1;
  const int below = depth == 1'000'000 ? 0 : Overflow(depth + 1);
  return below + frame[0];  // Read behind the call, so that no compiler makes a loop of it.
}

void Do(const std::string& how, const usher_host* host, Misbehaving* self) {
  if (how == "segfault") Segfault();
  if (how == "abort") std::abort();
  if (how == "exit") std::exit(0);
  if (how == "_exit") _exit(0);
  if (how == "abort a thread") std::thread(Later, std::abort).detach();
  if (how == "segfault a thread") std::thread(Later, Segfault).detach();
  if (how == "fork") Fork(Key(host, "child"));
  if (how == "overflow") std::exit(Overflow(0));
  while (how == "hang") Pause();
  while (how == "wait" && std::ifstream(Key(host, "while")).good()) Pause();
  while (how == "obey" && host->should_stop(host) == 0) Pause();
  while (how.starts_with("be interrupted") && !self->interrupted) Pause();
}

void Reach(const char* call, const usher_host* host, Misbehaving* self) {
  const std::string file = Key(host, "while");
  const bool here = Key(host, "in") == call && (file.empty() || access(file.c_str(), F_OK) == 0);
  const std::string how = Key(host, "how");
  if (here) Do(how, host, self);
}

Misbehaving* Of(const usher_plugin* plugin) {
  return static_cast<Misbehaving*>(plugin->plugin_data);
}

usher_status Init(const usher_plugin* plugin, usher_error*) {
  Misbehaving* const self = Of(plugin);
  for (const char* key : {"type", "then", "notes", "child"}) Key(self->host, key);
  if (Key(self->host, "in") == "destroy") self->last = self->how;
  Reach("init", self->host, self);
  return USHER_OK;
}

usher_status OnSnapshot(const usher_plugin* plugin, const usher_snapshot*, usher_error*) {
  Reach("on_snapshot", Of(plugin)->host, Of(plugin));
  return USHER_OK;
}

usher_status OnEvent(const usher_plugin* plugin, const usher_event* event, usher_error*) {
  Misbehaving* const self = Of(plugin);
  if (const std::string notes = Key(self->host, "notes"); !notes.empty()) {
    std::ofstream(notes, std::ios::app)
        << event->seq << ' ' << event->type_name
        << ((event->flags & USHER_FLAG_REDELIVERED) != 0 ? " again" : "") << std::endl;
  }
  if (self->interrupting) return USHER_ERROR;
  const std::string type = Key(self->host, "type");
  if (type.empty() || type == event->type_name) Reach("on_event", self->host, self);
  return Key(self->host, "then") == "fail" ? USHER_ERROR : USHER_OK;
}

void Stop(const usher_plugin* plugin) {
  Reach("stop", Of(plugin)->host, Of(plugin));
}

void Destroy(const usher_plugin* plugin) {
  Do(Of(plugin)->last, Of(plugin)->host, Of(plugin));
  delete Of(plugin);
}

void Interrupt(const usher_plugin* plugin) {
  Misbehaving* const self = Of(plugin);
  self->interrupting = true;
  self->interrupted = true;
  const bool at_length = self->how == "be interrupted at length";
  for (int pause = 0; at_length && pause < 100; ++pause) Pause();
  self->interrupting = false;
}

const usher_plugin* Create(const usher_host* host, usher_error*) {
  Reach("create", host, nullptr);
  auto* const self = new Misbehaving{
      {sizeof(usher_plugin), nullptr, Init, OnSnapshot, OnEvent, Stop, Destroy, Interrupt}, host};
  self->plugin.plugin_data = self;
  self->how = Key(host, "how");  // Here, as interrupt() may read it on another thread from now on.
  return &self->plugin;
}

}  // namespace

const usher_plugin_entry_t usher_plugin_entry = {sizeof(usher_plugin_entry_t), USHER_ABI_VERSION,
                                                 &kGoodDescriptor, Create};
