#pragma once
// The requests of --probe http: one for each hostname and HTTP port of the target, with the redirects that it leads through.

#include <memory>
#include <string>
#include <vector>

#include "chain/request/location.h"
#include "chain/speaker.h"
#include "checks/support/front_line.h"

namespace gwdoctor {

// At most so many redirects are followed; browsers give up after twenty.
inline constexpr std::size_t most_redirects = 10;

// One request on the way.
struct Hop {
  HttpUrl url;
  FrontTarget target;
  Seen<HttpAnswer> answer;
  bool here = true;  // at the address where the target is served, not somewhere else to which it was led

  // As evidence names it.
  [[nodiscard]] Ref ref() const { return {"gwdoctor.dev/v1", "HTTPObservation", {}, target.text(url.port), {}}; }
};

// Which rule of the target takes a request, by what the objects say.
struct Taken {
  enum class By { rule, nobody, unknown };
  By by = By::unknown;
  Scope scope;                             // the streams of that rule on this port; all of the port where it is not known
  std::vector<const BackendView*> behind;  // its backends, each once
};

struct Visit {
  enum class End {
    answered,    // the last answer leads no further
    no_answer,   // the last request has none; its HttpAnswer::result says why
    unknown,     // nobody made the last request
    elsewhere,   // it leads to `next`, where nobody went; `why` says why not
    unreadable,  // it leads to a Location that no client follows
    loop,        // the last answer leads back to hops[back]
    endless,     // more than most_redirects
  };
  const FrontHost* host = nullptr;
  const FrontPort* port = nullptr;
  std::string method = "GET";
  std::vector<Hop> hops;  // at least one
  End end = End::answered;
  std::string next;
  std::string why;
  std::size_t back = 0;
  Speaker speaker;            // of the last answer
  Taken taken;                // the first request
  std::optional<Taken> ends;  // the last one, where a host and port of the target is asked; else nothing

  [[nodiscard]] const Hop& last() const { return hops.back(); }
  // Of a loop, or of the whole way: an answer set a cookie, so that a client which keeps it may be led elsewhere.
  [[nodiscard]] bool sets_cookie() const;
  // "GET https://pay.example/".
  [[nodiscard]] std::string text() const { return method + " " + hops.front().url.text(); }
};

struct Visits {
  std::shared_ptr<const Front> front;  // what the visits point into
  std::vector<Visit> all;
};

// The flag with which curl goes to the address of this hop: --resolve pay.example:443:203.0.113.20.
[[nodiscard]] std::string resolve_flag(const Hop& hop);

// Every visit of the target. Asked are hostnames without a wildcard, by the first address that is not known to be dead, with GET
// and the path of --probe http; of a trace the request itself, if it is a GET or HEAD without headers of its own. Hosts for gRPC
// alone, and ports whose TLS ends in a pod, are left out. Redirects are followed without cookies: at the same address while they
// stay at the same host, or at another one of the same entrance; elsewhere only where DNS may be asked, and never from the
// outside into a private network. None where HTTP may not be observed. Kept in facts.memo.
[[nodiscard]] std::shared_ptr<const Visits> visits_of(const Path& path, const Facts& facts);

}  // namespace gwdoctor
