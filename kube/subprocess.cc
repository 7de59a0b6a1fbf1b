#include "kube/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "kube/credentials.h"

namespace gwdoctor {

namespace {

using Clock = std::chrono::steady_clock;
using How = ProcessEnd::How;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// Hands the terminal, where this process group holds it, to another group until the end of the scope.
class Terminal {
 public:
  explicit Terminal(pid_t group) : tty_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (tty_.number() < 0 || ::tcgetpgrp(tty_.number()) != ::getpgrp()) return;
    sigset_t output;
    sigemptyset(&output);
    sigaddset(&output, SIGTTOU);  // taking the terminal back from the background would stop us
    ::pthread_sigmask(SIG_BLOCK, &output, &mask_);
    handed_over_ = true;
    ::tcsetpgrp(tty_.number(), group);
    ::kill(-group, SIGCONT);  // it may have stopped on a read that came before
  }
  ~Terminal() {
    if (!handed_over_) return;
    ::tcsetpgrp(tty_.number(), ::getpgrp());
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  [[nodiscard]] bool handed_over() const { return handed_over_; }

 private:
  Descriptor tty_;
  sigset_t mask_{};
  bool handed_over_ = false;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// What posix_spawn needs besides arguments; freed with the scope.
struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnSettings(int output, bool inherit_stdin) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!inherit_stdin) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);  // ignored by us for the sake of sockets, which the plugin need not bear
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

int spawn(const Process& process, int output, pid_t& child) {
  std::vector<std::string> arguments{process.program};
  arguments.insert(arguments.end(), process.arguments.begin(), process.arguments.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : process.variables) variables.push_back(name + "=" + value);
  const SpawnSettings settings(output, process.inherit_stdin);
  return ::posix_spawnp(&child, process.program.c_str(), &settings.actions, &settings.attributes, pointers(arguments).data(),
                        pointers(variables).data());
}

// Follows one child until its end.
class Watch {
 public:
  Watch(const Process& process, pid_t child, int output) : process_(process), child_(child), output_(output) {}

  ProcessEnd run() {
    const Clock::time_point deadline = Clock::now() + process_.timeout;
    while (!ended_) {
      reap();
      if (ended_) break;
      if (Clock::now() >= deadline) {
        stop(How::timed_out);
      } else if (end_.output.size() > process_.output_limit) {
        stop(How::overflowed);
      } else {
        wait_for_output(std::min(slice, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now())));
      }
    }
    if (end_.how == How::exited) read_rest();
    return std::move(end_);
  }

 private:
  static constexpr std::chrono::milliseconds slice{50};

  // Whether the child has ended; how, unless it was us who ended it.
  void reap() {
    int status = 0;
    const pid_t done = ::waitpid(child_, &status, WNOHANG | WUNTRACED);
    if (done == 0 || (done < 0 && errno == EINTR)) return;
    if (done > 0 && WIFSTOPPED(status)) return stop(How::stopped);
    ended_ = true;
    if (killed_) return;
    end_.how = done > 0 && WIFSIGNALED(status) ? How::signalled : How::exited;
    if (done > 0) end_.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }

  void stop(How how) {
    if (killed_) return;
    killed_ = true;
    end_.how = how;
    ::kill(-child_, SIGTERM);
    ::kill(-child_, SIGCONT);
    const Clock::time_point limit = Clock::now() + process_.grace;
    while (!ended_ && Clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      reap();
    }
    // Also where the leader is gone: others of the group may have ignored the first signal.
    ::kill(-child_, SIGKILL);
    while (!ended_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      reap();
    }
  }

  void wait_for_output(std::chrono::milliseconds time) {
    if (closed_) {
      std::this_thread::sleep_for(std::min(time, std::chrono::milliseconds(5)));
      return;
    }
    pollfd ready{output_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(time.count(), 1))) > 0) read_some();
  }

  // False where nothing (more) is there.
  bool read_some() {
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count > 0) {
      if (end_.output.size() <= process_.output_limit) end_.output.append(buffer, static_cast<std::size_t>(count));
    } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
      closed_ = true;
    }
    return count > 0;
  }

  void read_rest() {
    while (!closed_ && end_.output.size() <= process_.output_limit && read_some()) {
    }
    if (end_.output.size() > process_.output_limit) end_.how = How::overflowed;
  }

  const Process& process_;
  const pid_t child_;
  const int output_;
  ProcessEnd end_;
  bool ended_ = false;
  bool killed_ = false;
  bool closed_ = false;
};

std::string errno_text(int code) {
  std::string text = std::generic_category().message(code);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

Result<ProcessEnd> run_process(const Process& process) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::internal, errno_text(errno));
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  ::fcntl(output.number(), F_SETFL, O_NONBLOCK);
  pid_t child = -1;
  if (const int code = spawn(process, input.number(), child); code != 0) return fail(ErrorKind::input, errno_text(code));
  input.close();
  bool interrupted = false;
  ProcessEnd end;
  {
    const Terminal terminal(child);
    end = Watch(process, child, output.number()).run();
    interrupted = terminal.handed_over() && end.how == How::signalled && end.code == SIGINT;
  }
  if (interrupted) ::raise(SIGINT);
  return end;
}

}  // namespace gwdoctor
