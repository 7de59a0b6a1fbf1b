#pragma once
// A Transport that answers from a table, and remembers what it was asked in which round.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kube/transport.h"

namespace gwdoctor {

inline HttpResponse reply(int status, std::string body, std::string content_type = "application/json") {
  HttpResponse response;
  response.status = status;
  response.wire_bytes = body.size();
  response.body = std::move(body);
  response.content_type = std::move(content_type);
  return response;
}

inline std::string status_body(int code, const std::string& reason, const std::string& message,
                               const std::string& details = "{}") {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)" + std::to_string(code) + R"(,"reason":")" + reason +
         R"(","message":")" + message + R"(","details":)" + details + "}";
}

class FakeTransport final : public Transport {
 public:
  using Answer = Result<HttpResponse>;

  // The answer to a path. Several for one path are given one after the other, the last for ever.
  void on(const std::string& path, Answer answer) { answers_[path].push_back(std::move(answer)); }

  std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests) override {
    std::vector<Result<HttpResponse>> out;
    rounds.emplace_back();
    for (const HttpRequest& request : requests) {
      rounds.back().push_back(request.path);
      accepts.push_back(request.accept);
      const auto found = answers_.find(request.path);
      if (found == answers_.end()) {
        out.emplace_back(reply(404, "404 page not found\n", "text/plain; charset=utf-8"));
        continue;
      }
      out.push_back(found->second.front());
      if (found->second.size() > 1) found->second.pop_front();
    }
    return out;
  }

  std::vector<std::vector<std::string>> rounds;
  std::vector<std::string> accepts;

 private:
  std::map<std::string, std::deque<Answer>> answers_;
};

inline const char* const aggregated_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

// One group of aggregated discovery: the plurals of each version, and whether it is stale.
struct FakeVersion {
  std::string version;
  std::vector<std::string> plurals;
  bool stale = false;
};

inline std::string aggregated(const std::map<std::string, std::vector<FakeVersion>>& groups) {
  std::string items;
  for (const auto& [group, versions] : groups) {
    std::string inner;
    for (const FakeVersion& each : versions) {
      std::string resources;
      for (const std::string& plural : each.plurals) {
        resources +=
            (resources.empty() ? "" : ",") + std::string(R"({"resource":")") + plural + R"(","responseKind":{"kind":"X"}})";
      }
      inner += (inner.empty() ? "" : ",") + std::string(R"({"version":")") + each.version + R"(","freshness":")" +
               (each.stale ? "Stale" : "Current") + R"(","resources":[)" + resources + "]}";
    }
    items += (items.empty() ? "" : ",") + std::string(R"({"metadata":{"name":")") + group + R"("},"versions":[)" + inner + "]}";
  }
  return R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[)" + items + "]}";
}

}  // namespace gwdoctor
