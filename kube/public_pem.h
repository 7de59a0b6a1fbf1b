#pragma once
// What of a certificate file may be kept.

#include <optional>
#include <string>
#include <string_view>

namespace gwdoctor {

// The text reduced to its certificates, for people do put the private key into the same file. What parse_certificates()
// says about the text it also says about the result; the content of any other block, and of a broken one, is gone.
// Nothing where the text holds neither a PEM block nor a certificate in another form.
[[nodiscard]] std::optional<std::string> public_pem(std::string_view text);

}  // namespace gwdoctor
