// The requests of --probe http, against a network that is made up.
#include "checks/support/visits.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "checks/engine.h"
#include "kube/manifest_source.h"
#include "kube/observation.h"

using namespace gwdoctor;

namespace {

constexpr Time taken_at{std::chrono::seconds{1795435200}};  // 2026-11-23T12:00:00Z

// A Gateway at 203.0.113.20 with plain HTTP, and a route for pay.gwdoctor.dev to a Service with a ready pod.
std::string world_text() {
  std::ifstream file(std::string(GWDOCTOR_SOURCE_DIR) + "/checks/http-error-served/cases/b-answered.yaml");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.substr(0, all.find("---\napiVersion: gwdoctor.dev/v1"));
}

HttpAnswer answered(int status, const std::string& location = {}, bool sets_cookie = false) {
  HttpAnswer out;
  out.result = HttpResult::answered;
  out.status = status;
  out.version = "HTTP/1.1";
  if (!location.empty()) out.headers = {{"location", location}};
  out.sets_cookie = sets_cookie;
  return out;
}

HttpAnswer silent(HttpResult result) {
  HttpAnswer out;
  out.result = result;
  return out;
}

// The objects of a file, and a network.
class Net final : public Source {
 public:
  explicit Net(std::string text) : objects_(ManifestSource::parse({{"world.yaml", std::move(text)}}, taken_at).value()) {
    objects_.collect_all();
  }
  std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    std::vector<Answer> out;
    for (const Wish& wish : wishes) out.push_back(wish.probe() ? observe(wish) : objects_.fill({wish}).front());
    return out;
  }
  [[nodiscard]] Time now() const override { return taken_at; }

  std::map<std::string, HttpAnswer> pages;   // by METHOD URL
  std::map<std::string, std::string> names;  // addresses
  std::map<std::string, TcpResult> ports;    // by ADDRESS PORT; connected where it is not named
  std::vector<std::string> asked;            // METHOD URL at ADDRESS

 private:
  Answer observe(const Wish& wish) {
    if (wish.what == Wish::What::tcp) {
      const TcpQuestion question = tcp_question(wish);
      const auto found = ports.find(fmt::format("{} {}", question.address, question.port));
      TcpAnswer answer{
          {taken_at}, question.address, question.port, found == ports.end() ? TcpResult::connected : found->second, {}, 1};
      return observation(wish, answer);
    }
    if (wish.what == Wish::What::dns) {
      DnsAnswer answer;
      answer.name = dns_question(wish).name;
      const auto found = names.find(answer.name);
      answer.a.status = found == names.end() ? DnsStatus::nxdomain : DnsStatus::ok;
      if (found != names.end()) answer.a.addresses.push_back({found->second, 60});
      answer.aaaa.status = DnsStatus::empty;
      return observation(wish, answer);
    }
    const HttpQuestion question = http_question(wish);
    const std::string page = question.method + " " + url_of(question).text();
    asked.push_back(page + " at " + question.address);
    const auto found = pages.find(page);
    HttpAnswer answer = found == pages.end() ? answered(404) : found->second;
    answer.question = question;
    return observation(wish, answer);
  }
  ManifestSource objects_;
};

struct World {
  Net net{world_text()};
  Facts facts{taken_at};
  Target target{Kind::http_route, "payments", "payments-api"};
  Examination examined;
  std::shared_ptr<const Visits> visits;

  explicit World(std::set<ProbeKind> probes = {ProbeKind::http}) {
    Settings settings;
    settings.probes = std::move(probes);
    facts.set_settings(settings);
  }
  const Visit& visit() {
    examined = examine(target, facts, &net);
    visits = visits_of(examined.path, facts);
    REQUIRE(visits->all.size() == 1);
    return visits->all.front();
  }
  [[nodiscard]] std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const Finding& finding : examined.verdicts.findings()) out.emplace_back(finding.check->code);
    return out;
  }
};

const std::string page = "GET http://pay.gwdoctor.dev/";

}  // namespace

TEST_CASE("nothing is asked where HTTP was not chosen") {
  World world({ProbeKind::tcp});
  world.net.pages[page] = answered(503);
  world.examined = examine(world.target, world.facts, &world.net);
  CHECK(visits_of(world.examined.path, world.facts)->all.empty());
  CHECK(world.net.asked.empty());
  CHECK(world.codes().empty());
}

TEST_CASE("one request is made for a host and port, on the path that was chosen") {
  World world;
  world.net.pages[page] = answered(200);
  const Visit& visit = world.visit();
  CHECK(visit.end == Visit::End::answered);
  CHECK(visit.taken.by == Taken::By::rule);
  CHECK(visit.taken.behind.size() == 1);
  CHECK(world.net.asked == std::vector<std::string>{"GET http://pay.gwdoctor.dev/ at 203.0.113.20"});
  CHECK(world.codes().empty());
}

TEST_CASE("an address that is known to be dead is not asked") {
  World world({ProbeKind::http, ProbeKind::tcp});
  world.net.ports["203.0.113.20 80"] = TcpResult::refused;
  world.net.pages[page] = silent(HttpResult::refused);
  world.examined = examine(world.target, world.facts, &world.net);
  CHECK(visits_of(world.examined.path, world.facts)->all.empty());
}

TEST_CASE("a redirect to the same host is followed at the same address, whatever the port") {
  World world;
  world.net.pages[page] = answered(301, "http://pay.gwdoctor.dev:8080/app");
  world.net.pages["GET http://pay.gwdoctor.dev:8080/app"] = answered(302, "./home#top");
  world.net.pages["GET http://pay.gwdoctor.dev:8080/home"] = answered(200);
  const Visit& visit = world.visit();
  REQUIRE(visit.hops.size() == 3);
  CHECK(visit.end == Visit::End::answered);
  CHECK(visit.last().here);
  CHECK(world.net.asked.back() == "GET http://pay.gwdoctor.dev:8080/home at 203.0.113.20");
}

TEST_CASE("another host is not followed without DNS") {
  World world;
  world.net.pages[page] = answered(302, "https://login.gwdoctor.dev/");
  const Visit& visit = world.visit();
  CHECK(visit.end == Visit::End::elsewhere);
  CHECK(visit.next == "https://login.gwdoctor.dev/");
  CHECK(world.net.asked.size() == 1);
  CHECK(world.codes().empty());
}

TEST_CASE("another host is looked up where DNS may be asked, and its errors are not the target's") {
  World world({ProbeKind::http, ProbeKind::dns});
  world.net.names = {{"pay.gwdoctor.dev", "203.0.113.20"}, {"login.gwdoctor.dev", "198.51.100.7"}};
  world.net.pages[page] = answered(302, "https://login.gwdoctor.dev/");
  world.net.pages["GET https://login.gwdoctor.dev/"] = answered(503);
  const Visit& visit = world.visit();
  CHECK(visit.end == Visit::End::answered);
  CHECK_FALSE(visit.last().here);
  CHECK(world.net.asked.back() == "GET https://login.gwdoctor.dev/ at 198.51.100.7");
  CHECK(world.codes().empty());
}

TEST_CASE("nobody is led into a private network, to this machine, or to a bare address") {
  for (const auto& [name, address] :
       {std::pair{"metadata.gwdoctor.dev", "169.254.169.254"}, std::pair{"lan.gwdoctor.dev", "192.168.1.1"},
        std::pair{"here.gwdoctor.dev", "127.0.0.1"}, std::pair{"198.51.100.9", ""}}) {
    CAPTURE(name);
    World world({ProbeKind::http, ProbeKind::dns});
    world.net.names = {{"pay.gwdoctor.dev", "203.0.113.20"}, {name, address}};
    world.net.pages[page] = answered(302, fmt::format("http://{}/latest/meta-data", name));
    const Visit& visit = world.visit();
    CHECK(visit.end == Visit::End::elsewhere);
    CHECK_FALSE(visit.why.empty());
    CHECK(world.net.asked.size() == 1);
  }
}

TEST_CASE("a Location that no client follows ends the way") {
  World world;
  world.net.pages[page] = answered(302, "javascript:alert(1)");
  CHECK(world.visit().end == Visit::End::unreadable);
  CHECK(world.codes().empty());
}

TEST_CASE("a circle is a finding, unless a cookie would end it") {
  World world;
  world.net.pages[page] = answered(302, "/login");
  world.net.pages[page + "login"] = answered(302, "/");
  const Visit& visit = world.visit();
  CHECK(visit.end == Visit::End::loop);
  CHECK(visit.back == 0);
  CHECK(world.codes() == std::vector<std::string>{"route-redirect-loop"});
  World kept;
  kept.net.pages[page] = answered(302, "/login", true);
  kept.net.pages[page + "login"] = answered(302, "/");
  CHECK(kept.visit().sets_cookie());
  CHECK(kept.codes().empty());
}

TEST_CASE("a cookie before the circle says nothing of the circle") {
  World world;
  world.net.pages[page] = answered(302, "/a", true);
  world.net.pages[page + "a"] = answered(302, "/a");
  const Visit& visit = world.visit();
  CHECK(visit.back == 1);
  CHECK_FALSE(visit.sets_cookie());
  CHECK(world.codes() == std::vector<std::string>{"route-redirect-loop"});
}

TEST_CASE("ten redirects are followed, and an eleventh is one too many") {
  for (const int redirects : {10, 11}) {
    CAPTURE(redirects);
    World world;
    for (int at = 0; at < redirects; ++at)
      world.net.pages[at == 0 ? page : fmt::format("{}p{}", page, at)] = answered(302, fmt::format("/p{}", at + 1));
    world.net.pages[fmt::format("{}p{}", page, redirects)] = answered(200);
    const Visit& visit = world.visit();
    CHECK(visit.end == (redirects == 10 ? Visit::End::answered : Visit::End::endless));
    CHECK(world.net.asked.size() == 11);
    CHECK(world.codes().size() == (redirects == 10 ? 0 : 1));
  }
}

TEST_CASE("no answer is unknown where nobody else tells of connections") {
  World world;
  world.net.pages[page] = silent(HttpResult::timeout);
  CHECK(world.visit().end == Visit::End::no_answer);
  CHECK_FALSE(world.examined.verdicts.blinds().empty());
  CHECK(world.codes().empty());
}
