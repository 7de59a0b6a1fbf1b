#include "cmd/question.h"

#include <fmt/format.h>

namespace gwdoctor {

Result<Question> question_of(const TraceFlags& flags, const std::string& url, const std::string& ns) {
  Result<Request> request = parse_request({url, flags.method, flags.headers, flags.grpc, flags.sni, flags.resolve});
  if (!request) return tl::unexpected(request.error());
  Question question;
  question.request = std::move(*request);
  question.ns = ns;
  if (!flags.gateway.empty() && flags.ingress_class)
    return fail(ErrorKind::usage, "error: --gateway and --ingress-class name two entrances, expected one of them");
  if (flags.ingress_class) question.entry = EntryPoint{EntryPoint::Kind::ingress, {}, *flags.ingress_class};
  if (flags.gateway.empty()) return question;
  const std::size_t slash = flags.gateway.find('/');
  EntryPoint entry{EntryPoint::Kind::gateway, slash == std::string::npos ? ns : flags.gateway.substr(0, slash),
                   slash == std::string::npos ? flags.gateway : flags.gateway.substr(slash + 1)};
  if (entry.ns.empty() || entry.name.empty() || entry.name.find('/') != std::string::npos)
    return fail(ErrorKind::usage, fmt::format("error: invalid --gateway \"{}\", expected NAMESPACE/NAME or NAME", flags.gateway));
  question.entry = entry;
  return question;
}

}  // namespace gwdoctor
