#include "platform/linux/user_managers.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "platform/linux/os_error.h"

namespace broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{1000};
constexpr milliseconds kMoment{100};
// Each takes in as much as a socket holds at most; a good answer needs some ten.
constexpr int kMostSteps = 64;

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

/// One question to one user's manager.
class UserManagers::Question {
 public:
  Question(std::string socket, uid_t user) : socket_(std::move(socket)) {
    int result = OpenBus(socket_, user, &bus_);
    const auto answered = [](sd_bus_message* answer, void* self, sd_bus_error*) {
      static_cast<Question*>(self)->Hear(answer);
      return 0;
    };
    if (result >= 0) {
      result = sd_bus_call_method_async(bus_, nullptr, kName, kPath, kProperties, "Get", answered,
                                        this, "ss", kManager, "Environment");
    }
    if (result < 0) Fail(-result);
  }
  ~Question() { sd_bus_close_unref(bus_); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  [[nodiscard]] const std::shared_ptr<UserVariables>& Answer() const { return answer_; }

  void CountUntil(Condition::TimePoint time) { counts_until_ = time; }
  [[nodiscard]] bool IsOver() const {
    return answer_->known && steady_clock::now() >= counts_until_;
  }

  [[nodiscard]] PollWish Wish() const {
    if (answer_->known) return {-1, 0, counts_until_ == Condition::TimePoint() ? 0 : -1};
    const auto left = std::chrono::ceil<milliseconds>(until_ - steady_clock::now());
    PollWish wish{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0};
    wish.timeout_ms = static_cast<int>(std::max<int64_t>(left.count(), 0));
    return wish;
  }

  void Process() {
    int result = 1;
    while (!answer_->known && result > 0 && steps_ < kMostSteps && steady_clock::now() < until_) {
      result = sd_bus_process(bus_, nullptr);
      steps_ += result > 0 ? 1 : 0;
    }
    if (answer_->known) return;
    if (result < 0) return Fail(-result);
    if (steps_ >= kMostSteps) return Fail(EMSGSIZE);
    if (steady_clock::now() >= until_) Fail(ETIMEDOUT);
  }

 private:
  void Hear(sd_bus_message* answer) {
    if (sd_bus_message_is_method_error(answer, nullptr) > 0) {
      return Fail(sd_bus_message_get_errno(answer));
    }
    if (sd_bus_message_enter_container(answer, 'v', "as") < 0) return Fail(EBADMSG);
    if (sd_bus_message_enter_container(answer, 'a', "s") < 0) return Fail(EBADMSG);
    const char* variable = nullptr;
    while (sd_bus_message_read(answer, "s", &variable) > 0) {
      answer_->variables.emplace_back(variable);
    }
    answer_->known = true;
  }

  void Fail(int error) {
    answer_->status =
        OsError("the user's service manager does not say its environment at", socket_, error);
    answer_->known = true;
  }

  const std::string socket_;
  const Condition::TimePoint until_ = steady_clock::now() + kPatience;
  Condition::TimePoint counts_until_;  ///< Once it is known; else for who is waiting only.
  sd_bus* bus_ = nullptr;
  int steps_ = 0;
  const std::shared_ptr<UserVariables> answer_ = std::make_shared<UserVariables>();
};

UserManagers::UserManagers(std::string folder) : folder_(std::move(folder)) {}
UserManagers::~UserManagers() = default;

std::shared_ptr<const UserVariables> UserManagers::Ask(uid_t user) {
  std::unique_ptr<Question>& question = questions_[user];
  if (question == nullptr || question->IsOver()) {
    const std::string socket = folder_ + "/" + std::to_string(user) + "/systemd/private";
    question = std::make_unique<Question>(socket, user);
  }
  return question->Answer();
}

void UserManagers::AskAhead(uid_t user) {
  Ask(user);
  questions_[user]->CountUntil(steady_clock::now() + kMoment);
}

std::vector<PollWish> UserManagers::Wishes() const {
  std::vector<PollWish> wishes;
  for (const auto& [user, question] : questions_) wishes.push_back(question->Wish());
  return wishes;
}

void UserManagers::Process() {
  for (const auto& [user, question] : questions_) question->Process();
  std::erase_if(questions_, [](const auto& one) { return one.second->IsOver(); });
}

}  // namespace broker
