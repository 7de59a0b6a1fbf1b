#pragma once
// Runs another program, without a shell, for a bounded time and a bounded output.

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "kube/error.h"

namespace gwdoctor {

struct Process {
  std::string program;                 // a path; see find_program
  std::vector<std::string> arguments;  // without the program's own name
  std::map<std::string, std::string> variables;
  bool inherit_stdin = false;  // else it reads an empty file
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds grace{2000};  // between SIGTERM and SIGKILL, once the time is over
  std::size_t output_limit = 1u << 20;
};

struct ProcessEnd {
  enum class How {
    exited,      // code is the exit status
    signalled,   // code is the signal
    timed_out,   // and was killed
    overflowed,  // wrote more than the limit to stdout, and was killed
    stopped,     // wanted the terminal that it cannot have, or the user stopped it; and was killed
  };
  How how = How::exited;
  int code = 0;
  std::string output;  // of stdout; stderr is ours
};

// Runs the program in a process group of its own, which gets the terminal where we have it, and waits for its end.
// When it is killed, so is its whole group. A child of it that keeps stdout open does not hold us up.
// An interruption at the terminal (SIGINT) that ends the program is passed on to this process.
// An error is that of starting it, in the words of errno: "permission denied".
[[nodiscard]] Result<ProcessEnd> run_process(const Process& process);

}  // namespace gwdoctor
