#include "platform/linux/user_managers.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "platform/linux/os_error.h"
#include "platform/linux/service_manager.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{1000};
constexpr milliseconds kMoment{100};
// For one message. Each takes in as much as a socket holds at most; a good answer needs some ten.
constexpr int kMostSteps = 64;
// In a second: a desktop that comes up tells of some hundred units, each with a step or two.
constexpr int kMostMessages = 1024;
constexpr int kMostStepsInAll = 4 * kMostMessages;
/// A descriptor each.
constexpr int kMostKept = 128;

constexpr const char* kName = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

/// A link may lead to somebody else's socket.
bool IsServedBy(int fd, uid_t user) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == user;
}

int OpenBus(const std::string& socket, uid_t user, sd_bus** bus) {
  int result = sd_bus_new(bus);
  const std::string address = "unix:path=" + socket;
  if (result >= 0) result = sd_bus_set_address(*bus, address.c_str());
  if (result >= 0) result = sd_bus_negotiate_fds(*bus, 0);
  if (result >= 0) result = sd_bus_start(*bus);
  if (result >= 0 && !IsServedBy(sd_bus_get_fd(*bus), user)) result = -EPERM;
  return result;
}

}  // namespace

/// One user's manager, what it is asked, and the connection to it.
class UserManagers::Manager {
 public:
  Manager(std::string socket, uid_t user) : socket_(std::move(socket)), user_(user) {}
  ~Manager() { sd_bus_close_unref(bus_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  std::shared_ptr<const UserVariables> Ask() {
    if (IsAsked() || Counts()) return answer_;
    answer_ = std::make_shared<UserVariables>();
    counts_until_ = Condition::TimePoint();
    until_ = steady_clock::now() + kPatience;
    is_old_ = bus_ != nullptr;
    Send();
    return answer_;
  }
  /// An answer that was asked for at an earlier occasion is older than this one.
  void AskAhead() {
    counts_until_ = Condition::TimePoint();
    Ask();
    counts_until_ = steady_clock::now() + kMoment;
  }

  std::shared_ptr<const void> Keep() {
    std::shared_ptr<const void> keeper = keeper_.lock();
    if (keeper == nullptr) keeper = std::make_shared<char>();
    keeper_ = keeper;
    if (bus_ == nullptr && Open() < 0) Close();  // Who asks will learn why.
    return keeper;
  }
  [[nodiscard]] bool IsKept() const { return !keeper_.expired(); }
  [[nodiscard]] bool IsOver() const { return !IsAsked() && !Counts() && !IsKept(); }

  [[nodiscard]] PollWish Wish() const {
    PollWish wish = bus_ == nullptr ? PollWish() : WishOf(bus_);
    const auto until = IsAsked() ? until_ : counts_until_;
    if (!IsAsked() && IsKept()) return wish;
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    const int left_ms = static_cast<int>(std::max<int64_t>(left.count(), 0));
    wish.timeout_ms = wish.timeout_ms < 0 ? left_ms : std::min(wish.timeout_ms, left_ms);
    return wish;
  }

  /// Takes in what came; what is told unasked, as of the user's units, is only taken off the line.
  void Process() {
    int result = 1;
    for (int i = 0; bus_ != nullptr && result > 0 && i < kMostSteps; ++i) {
      result = sd_bus_process(bus_, nullptr);
      if (result > 0 && !MayStep()) result = -EMSGSIZE;
      if (failure_ != 0) result = -std::exchange(failure_, 0);
      if (result < 0) GiveUp(-result);
    }
    if (IsAsked() && steady_clock::now() >= until_) GiveUp(ETIMEDOUT);
  }

 private:
  [[nodiscard]] bool IsAsked() const { return answer_ != nullptr && !answer_->known; }
  [[nodiscard]] bool Counts() const { return steady_clock::now() < counts_until_; }

  int Open() {
    // Nothing that is heard here is answered: replies that nobody takes would pile up.
    const auto heard = [](sd_bus_message*, void* self, sd_bus_error*) {
      static_cast<Manager*>(self)->Count();
      return 1;
    };
    steps_ = 0;
    const int result = OpenBus(socket_, user_, &bus_);
    return result < 0 ? result : sd_bus_add_filter(bus_, nullptr, heard, this);
  }
  void Close() { bus_ = sd_bus_close_unref(bus_); }

  void Send() {
    const auto answered = [](sd_bus_message* answer, void* self, sd_bus_error*) {
      static_cast<Manager*>(self)->Hear(answer);
      return 0;
    };
    int result = bus_ == nullptr ? Open() : 0;
    if (result >= 0) {
      result = sd_bus_call_method_async(bus_, nullptr, kName, kPath, kProperties, "Get", answered,
                                        this, "ss", kManager, "Environment");
    }
    if (result < 0) GiveUp(-result);
  }

  bool MayStep() {
    const auto now = steady_clock::now();
    if (now >= second_ends_) {
      second_ends_ = now + seconds(1);
      messages_ = steps_in_all_ = 0;
    }
    return ++steps_ <= kMostSteps && ++steps_in_all_ <= kMostStepsInAll;
  }

  /// There is a whole message.
  void Count() {
    steps_ = 0;
    if (++messages_ > kMostMessages) failure_ = EMSGSIZE;
  }

  void Hear(sd_bus_message* answer) {
    failure_ = Read(answer);
    answer_->known = failure_ == 0;
  }

  /// 0, or an errno.
  int Read(sd_bus_message* answer) {
    if (sd_bus_message_is_method_error(answer, nullptr) > 0) {
      return sd_bus_message_get_errno(answer);
    }
    if (sd_bus_message_enter_container(answer, 'v', "as") < 0) return EBADMSG;
    if (sd_bus_message_enter_container(answer, 'a', "s") < 0) return EBADMSG;
    const char* variable = nullptr;
    while (sd_bus_message_read(answer, "s", &variable) > 0) {
      answer_->variables.emplace_back(variable);
    }
    return 0;
  }

  /// The connection is of no use any more. One that was there before the question may have been of
  /// a manager that is gone: then there is another one.
  void GiveUp(int error) {
    Close();
    if (!IsAsked()) return;
    if (std::exchange(is_old_, false) && steady_clock::now() < until_) return Send();
    answer_->status =
        OsError("the user's service manager does not say its environment at", socket_, error);
    answer_->known = true;
  }

  const std::string socket_;
  const uid_t user_;
  sd_bus* bus_ = nullptr;
  std::weak_ptr<const void> keeper_;

  std::shared_ptr<UserVariables> answer_;  ///< To the last question, if there was one.
  Condition::TimePoint until_;
  Condition::TimePoint counts_until_;  ///< Once it is known; else for who is waiting only.
  bool is_old_ = false;                ///< The connection was there before the question.

  int failure_ = 0;  ///< An errno: what was heard is the last of this connection.
  int steps_ = 0;    ///< Since the last whole message.
  int messages_ = 0;
  int steps_in_all_ = 0;
  Condition::TimePoint second_ends_;  ///< In which these two came.
};

UserManagers::UserManagers(std::string folder) : folder_(std::move(folder)) {}
UserManagers::~UserManagers() = default;

UserManagers::Manager& UserManagers::Of(uid_t user) {
  std::unique_ptr<Manager>& manager = managers_[user];
  if (manager == nullptr) {
    const std::string socket = folder_ + "/" + std::to_string(user) + "/systemd/private";
    manager = std::make_unique<Manager>(socket, user);
  }
  return *manager;
}

std::shared_ptr<const UserVariables> UserManagers::Ask(uid_t user) {
  return Of(user).Ask();
}

void UserManagers::AskAhead(uid_t user) {
  Of(user).AskAhead();
}

std::shared_ptr<const void> UserManagers::Keep(uid_t user) {
  Manager& manager = Of(user);
  const auto kept =
      std::ranges::count_if(managers_, [](const auto& one) { return one.second->IsKept(); });
  return manager.IsKept() || kept < kMostKept ? manager.Keep() : nullptr;
}

std::vector<PollWish> UserManagers::Wishes() const {
  std::vector<PollWish> wishes;
  for (const auto& [user, manager] : managers_) wishes.push_back(manager->Wish());
  return wishes;
}

void UserManagers::Process() {
  for (const auto& [user, manager] : managers_) manager->Process();
  std::erase_if(managers_, [](const auto& one) { return one.second->IsOver(); });
}

}  // namespace broker
