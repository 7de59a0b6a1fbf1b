#pragma once
// A directory for one test, and an environment that sees nothing of the machine.

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "kube/environment.h"

namespace gwdoctor {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "gwdoctor-test-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string path(std::string_view name = {}) const {
    return name.empty() ? path_ : path_ + "/" + std::string(name);
  }

  // Writes a file, with its directories, and gives its path.
  std::string write(std::string_view name, std::string_view content) const {
    const std::string place = path(name);
    std::filesystem::create_directories(std::filesystem::path(place).parent_path());
    std::ofstream(place, std::ios::binary) << content;
    return place;
  }

  // Writes a program for /bin/sh.
  std::string script(std::string_view name, std::string_view commands) const {
    const std::string place = write(name, "#!/bin/sh\n" + std::string(commands) + "\n");
    ::chmod(place.c_str(), 0755);
    return place;
  }

  [[nodiscard]] Environment environment() const {
    Environment environment;
    environment.home = path("home");
    environment.service_account_dir = path("serviceaccount");
    environment.variables["PATH"] = "/usr/bin:/bin";
    return environment;
  }

 private:
  std::string path_;
};

}  // namespace gwdoctor
