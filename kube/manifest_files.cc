#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "kube/manifest_source.h"

namespace gwdoctor {

namespace {

// More than any cluster's dump that is worth reading at once; a pipe that never ends must not fill the memory.
constexpr std::size_t max_bytes = std::size_t{1} << 30;

Result<std::string> read_stream(std::FILE* stream, const std::string& name) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), stream)) {
    text.append(buffer.data(), count);
    if (text.size() > max_bytes) return fail(ErrorKind::input, fmt::format("{}: larger than {} MiB", name, max_bytes >> 20));
  }
  if (std::ferror(stream) != 0) return fail(ErrorKind::input, fmt::format("cannot read {}: {}", name, std::strerror(errno)));
  return text;
}

Result<ManifestFile> read_file(const std::string& name) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(name.c_str(), "rb"), std::fclose);
  if (stream == nullptr) return fail(ErrorKind::input, fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  Result<std::string> text = read_stream(stream.get(), name);
  if (!text) return tl::unexpected(text.error());
  return ManifestFile{name, std::move(*text)};
}

bool is_manifest(const std::filesystem::path& path) {
  const std::string ending = path.extension().string();
  return (ending == ".yaml" || ending == ".yml" || ending == ".json") && !path.filename().string().starts_with(".");
}

}  // namespace

Result<std::vector<ManifestFile>> read_manifest_files(const std::string& path) {
  namespace fs = std::filesystem;
  if (path == "-") {
    Result<std::string> text = read_stream(stdin, "standard input");
    if (!text) return tl::unexpected(text.error());
    return std::vector<ManifestFile>{{"standard input", std::move(*text)}};
  }
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    Result<ManifestFile> file = read_file(path);
    if (!file) return tl::unexpected(file.error());
    return std::vector<ManifestFile>{std::move(*file)};
  }
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unseen;
    const fs::file_status status = entry->status(unseen);
    if (fs::is_directory(status) && entry->path().filename().string().starts_with(".")) entry.disable_recursion_pending();
    // A link that leads nowhere is kept: its manifest is missing, and reading it says so.
    const bool file = fs::is_regular_file(status) || !fs::exists(status);
    if (file && is_manifest(entry->path())) names.push_back(entry->path().string());
  }
  if (error) return fail(ErrorKind::input, fmt::format("cannot read folder {}: {}", path, error.message()));
  if (names.empty()) return fail(ErrorKind::input, fmt::format("folder {} holds no .yaml, .yml or .json file", path));
  std::sort(names.begin(), names.end());
  std::vector<ManifestFile> files;
  for (const std::string& name : names) {
    Result<ManifestFile> file = read_file(name);
    if (!file) return tl::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace gwdoctor
