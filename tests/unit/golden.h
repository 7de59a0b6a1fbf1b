#pragma once
// Texts that a person has read and found good. UPDATE_GOLDEN=1 writes them anew; read what changed.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace gwdoctor {

// Compares with a file below the source folder.
inline void check_golden(const std::string& file, const std::string& text) {
#ifdef GWDOCTOR_SOURCE_DIR
  const std::filesystem::path path = std::filesystem::path(GWDOCTOR_SOURCE_DIR) / file;
#else
  const std::filesystem::path path = file;
#endif
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && *update != '\0') {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string(), " is not there: run with UPDATE_GOLDEN=1 and read it");
  std::stringstream golden;
  golden << in.rdbuf();
  CHECK_MESSAGE(text == golden.str(), "differs from ", path.string());
}

}  // namespace gwdoctor
