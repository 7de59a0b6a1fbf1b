#include "kube/environment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <filesystem>
#include <system_error>

extern char** environ;

namespace gwdoctor {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

FileError file_error(std::string_view verb, const std::string& path, int code) {
  std::string reason = std::generic_category().message(code);
  // Go writes the same texts in lower case.
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return {code, fmt::format("{} {}: {}", verb, path, reason)};
}

bool is_executable(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string Environment::variable(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

void Environment::warning(std::string_view line) const {
  if (warn) warn(line);
}

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  environment.home = environment.variable("HOME");
  environment.stdin_is_terminal = ::isatty(STDIN_FILENO) == 1;
  return environment;
}

tl::expected<std::string, FileError> read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return tl::unexpected(file_error("open", path, errno));
  std::string content;
  struct stat status {};
  // A buffer of the right size from the start leaves no copies of a key behind in freed memory.
  const bool sized = ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode);
  constexpr std::size_t block = 64u << 10;
  std::size_t size = 0;
  content.resize(sized ? std::min(static_cast<std::size_t>(status.st_size), limit) + 1 : block);
  for (;;) {
    if (size == content.size()) content.resize(size + block);
    const ssize_t count = ::read(file.number(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(file_error("read", path, errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > limit) return tl::unexpected(FileError{EFBIG, fmt::format("read {}: larger than {} bytes", path, limit)});
  }
  content.resize(size);
  return content;
}

std::string join_path(const std::string& base, const std::string& path) {
  if (!path.empty() && path.front() == '/') return path;
  std::string joined = (std::filesystem::path(base) / path).lexically_normal().string();
  while (joined.size() > 1 && joined.back() == '/') joined.pop_back();
  return joined;
}

std::string find_program(const std::string& command, std::string_view search_path) {
  if (command.empty()) return {};
  if (command.find('/') != std::string::npos) {
    if (!is_executable(command)) return {};
    return command.front() == '/' ? command : join_path(std::filesystem::current_path().string(), command);
  }
  while (!search_path.empty()) {
    const std::size_t colon = std::min(search_path.find(':'), search_path.size());
    const std::string directory(search_path.substr(0, colon));
    search_path.remove_prefix(std::min(colon + 1, search_path.size()));
    if (directory.empty() || directory.front() != '/') continue;
    std::string candidate = join_path(directory, command);
    if (is_executable(candidate)) return candidate;
  }
  return {};
}

}  // namespace gwdoctor
