#pragma once
// What the program reads of its surroundings, as a plain value, so that a test can make one up.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "kube/error.h"

namespace gwdoctor {

struct Environment {
  std::string home;  // $HOME; "" where it is not known
  std::map<std::string, std::string> variables;
  bool stdin_is_terminal = false;  // false also where asking the user is out of the question, as in completion
  std::string service_account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::function<void(std::string_view)> warn;  // where a warning goes, one line without an end; may be empty

  // The variable, or "" where it is not set: no variable read here tells the two apart.
  [[nodiscard]] std::string variable(const std::string& name) const;
  void warning(std::string_view line) const;
};

// The environment of this process. Warnings go nowhere until `warn` is set.
[[nodiscard]] Environment process_environment();

// Why a file could not be read: errno, and a line in the form that kubectl uses, "open PATH: no such file or directory".
struct FileError {
  int code = 0;
  std::string message;
};

inline constexpr std::size_t file_limit = 64u << 20;

// The bytes of a file. A pipe works as well (kubeconfigs come from `<(...)`). More than `limit` bytes is an error.
[[nodiscard]] tl::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit = file_limit);

// `path` seen from the directory `base`, without "." and ".." as far as the text shows them; an absolute path stays
// exactly as it is (Go's filepath.Join, by which kubeconfig paths resolve).
[[nodiscard]] std::string join_path(const std::string& base, const std::string& path);

// Where the shell would find a command: itself where it holds a '/', else the first executable file on `search_path`.
// "" where there is none. Relative entries of the list are passed over, so that no program of the current directory
// runs by accident (Go's exec.LookPath refuses the same).
[[nodiscard]] std::string find_program(const std::string& command, std::string_view search_path);

}  // namespace gwdoctor
