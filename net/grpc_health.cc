#include "net/grpc_health.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "kube/clean.h"

namespace gwdoctor {

namespace {

constexpr std::size_t prefix_size = 5;  // a flag for compression, and the length in four bytes, big endian

void append_varint(std::string& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7fU) | 0x80U);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

bool skip(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) return false;
  bytes.remove_prefix(static_cast<std::size_t>(size));
  return true;
}

// Past a field of no interest (Protocol Buffers encoding, wire types).
bool skip_field(std::string_view& bytes, std::uint64_t wire_type) {
  if (wire_type == 0) return take_varint(bytes).has_value();
  if (wire_type == 1) return skip(bytes, 8);
  if (wire_type == 5) return skip(bytes, 4);
  if (wire_type != 2) return false;
  const std::optional<std::uint64_t> size = take_varint(bytes);
  return size && skip(bytes, *size);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = at + 2 < text.size() && text[at] == '%' ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low < 0) {
      out += text[at];
    } else {
      out += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return out;
}

// A trailer, or a header of a Trailers-Only answer.
std::string field_of(const ExchangeAnswer& answer, std::string_view name) {
  const auto found =
      std::find_if(answer.trailers.begin(), answer.trailers.end(), [&](const HeaderField& field) { return field.name == name; });
  return found == answer.trailers.end() ? answer.header(name) : found->value;
}

}  // namespace

std::string grpc_health_request(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message += '\x0a';  // field 1, length-delimited: service
    append_varint(message, service.size());
    message += service;
  }
  std::string out(1, '\0');
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((message.size() >> shift) & 0xffU);
  return out + message;
}

std::optional<GrpcServing> grpc_health_response(std::string_view body) {
  if (body.size() < prefix_size || body.front() != '\0') return std::nullopt;
  std::uint64_t size = 0;
  for (const char c : body.substr(1, prefix_size - 1)) size = size * 256 + static_cast<unsigned char>(c);
  body.remove_prefix(prefix_size);
  if (size > body.size()) return std::nullopt;
  body = body.substr(0, static_cast<std::size_t>(size));
  std::uint64_t status = 0;  // a field that is not sent is 0
  while (!body.empty()) {
    const std::optional<std::uint64_t> key = take_varint(body);
    if (!key || *key >> 3U == 0) return std::nullopt;
    if (*key == 0x08) {  // field 1, varint: status
      const std::optional<std::uint64_t> value = take_varint(body);
      if (!value) return std::nullopt;
      status = *value;
    } else if (!skip_field(body, *key & 7U)) {
      return std::nullopt;
    }
  }
  return status < static_cast<std::uint64_t>(GrpcServing::other) ? static_cast<GrpcServing>(status) : GrpcServing::other;
}

ExchangeQuestion grpc_health_question(std::string_view service) {
  ExchangeQuestion question;
  question.method = "POST";
  question.path = grpc_health_path;
  question.headers = {{"content-type", "application/grpc"}, {"te", "trailers"}};
  question.body = grpc_health_request(service);
  question.protocol = "h2";
  return question;
}

GrpcHealth grpc_health_of(const ExchangeAnswer& answer) {
  GrpcHealth out;
  out.is_grpc = answer.header("content-type").starts_with("application/grpc");
  const std::string status = field_of(answer, "grpc-status");
  int number = 0;
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), number);
  if (!status.empty() && error == std::errc() && end == status.data() + status.size()) out.grpc_status = number;
  out.grpc_message = clean_line(percent_decoded(field_of(answer, "grpc-message")));
  if (out.grpc_status == 0) out.serving = grpc_health_response(answer.body);
  return out;
}

}  // namespace gwdoctor
