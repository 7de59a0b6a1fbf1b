#include "net/tcp.h"

#include "net/dial.h"
#include "net/drive.h"

namespace gwdoctor {

namespace {

class TcpProbe {
 public:
  TcpProbe(const TcpQuestion& question, std::chrono::milliseconds timeout)
      : dial_(question.address, question.port), timeout_(timeout) {}
  void start() { dial_.start(timeout_); }
  void advance() { dial_.advance(); }
  void expire() { dial_.expire(); }
  void cancel() { dial_.end(TcpResult::error, "interrupted"); }
  [[nodiscard]] bool finished() const { return dial_.finished(); }
  [[nodiscard]] int descriptor() const { return dial_.descriptor(); }
  [[nodiscard]] short events() const { return POLLOUT; }
  [[nodiscard]] Clock::time_point deadline() const { return dial_.deadline(); }
  [[nodiscard]] const Dial& dial() const { return dial_; }

 private:
  Dial dial_;
  std::chrono::milliseconds timeout_;
};

}  // namespace

Time observation_time() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::vector<TcpAnswer> probe_tcp(const std::vector<TcpQuestion>& questions, const Patience& patience) {
  std::vector<TcpProbe> probes;
  probes.reserve(questions.size());
  for (const TcpQuestion& question : questions) probes.emplace_back(question, patience.timeout);
  const Time now = observation_time();
  drive(probes, patience);
  std::vector<TcpAnswer> answers;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    const Dial& dial = probes[at].dial();
    TcpAnswer answer;
    answer.observed.at = now;
    answer.address = questions[at].address;
    answer.port = questions[at].port;
    answer.result = dial.result();
    answer.detail = dial.detail();
    answer.milliseconds = dial.milliseconds();
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace gwdoctor
