#include "checks/check.h"

#include <algorithm>

#include "chain/hostname.h"
#include "checks/support/certificates.h"
#include "checks/support/names.h"

namespace gwdoctor {

namespace {

// The certificates of one listener, or of one Ingress for one host: any of them may cover the host.
using Choice = std::vector<const CertificateView*>;

bool is_same_place(const CertificateView& one, const CertificateView& other) {
  return one.gateway == other.gateway && one.listener == other.listener && one.ingress == other.ingress;
}

Choice choice_for(const std::string& host, const CertificateView& place, const Path& path) {
  Choice choice;
  for (const CertificateView& view : path.certificates) {
    const bool serves = is_same_place(view, place) && std::find(view.hosts.begin(), view.hosts.end(), host) != view.hosts.end();
    if (serves) choice.push_back(&view);
  }
  return choice;
}

enum class Match { covered, uncovered, unreadable, unknown };

// A certificate that is missing or cannot be parsed may be the one that was meant for the host: other codes tell of it.
Match match(const std::string& host, const Choice& choice) {
  Match worst = Match::uncovered;
  for (const CertificateView* view : choice) {
    if (view->is_secret && view->secret.unknown()) {
      worst = Match::unknown;
    } else if (!view->is_secret || view->secret.absent() || view->secret->chain.empty()) {
      if (worst != Match::unknown) worst = Match::unreadable;
    } else if (is_meant_for(view->secret->chain.front(), host)) {
      return Match::covered;
    }
  }
  return worst;
}

std::vector<std::string> all_names(const Choice& choice) {
  std::vector<std::string> names;
  for (const CertificateView* view : choice) {
    const Certificate& leaf = view->secret->chain.front();
    for (const auto* list : {&leaf.dns_names, &leaf.ip_names}) {
      for (const std::string& name : *list) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
  }
  return names;
}

// *.example.com stands for one label (RFC 9525 section 6.3): neither for a.b.example.com nor for example.com.
bool is_near_wildcard(const std::string& name, const std::string& host) {
  return is_wildcard(name) && (covers(name, host) || covers(name, "any." + host));
}

std::string_view reason_of(const std::vector<std::string>& names, const std::string& host) {
  if (names.empty()) return "tls-cn-only";
  const bool near =
      std::any_of(names.begin(), names.end(), [&](const std::string& name) { return is_near_wildcard(name, host); });
  return near ? "tls-wildcard-depth" : "tls-san-mismatch";
}

std::string message_of(const std::vector<std::string>& hosts, const Choice& choice, const std::vector<std::string>& names) {
  const std::string wanted = join_names(hosts);
  if (choice.size() > 1) {
    return fmt::format("none of the {} certificates is for {}: they name {}", choice.size(), wanted, join_names(names));
  }
  const std::string secret = secret_of(*choice.front()).text();
  if (!names.empty()) return fmt::format("the certificate in {} is not for {}: it names {}", secret, wanted, join_names(names));
  const std::string& common_name = choice.front()->secret->chain.front().common_name;
  if (common_name.empty()) return fmt::format("the certificate in {} names no host, expected {}", secret, wanted);
  return fmt::format("the certificate in {} has no subject alternative name for {}: clients do not look at its common name {}",
                     secret, wanted, common_name);
}

Scope streams_of(const std::string& host, const CertificateView& place, const Path& path) {
  return path.through([&](const Entrance& entrance, const Leg&) {
    return entrance.tls && entrance.gateway == place.gateway && entrance.ingress == place.ingress &&
           (place.ingress != no_index || entrance.listener == place.listener) && entrance.host == host;
  });
}

// Hosts that the same certificates fail to cover: one fault, wherever they are served.
struct Fault {
  Choice choice;
  std::vector<std::string> hosts;
  Scope scope;
};

bool is_same(const Fault& fault, const Choice& choice) {
  return std::equal(fault.choice.begin(), fault.choice.end(), choice.begin(), choice.end(),
                    [&](const CertificateView* one, const CertificateView* other) {
                      return secret_of(*one) == secret_of(*other) && (choice.size() == 1 || is_same_place(*one, *other));
                    });
}

void add_fault(Choice choice, const std::string& host, const Scope& scope, std::vector<Fault>& faults) {
  const auto known = std::find_if(faults.begin(), faults.end(), [&](const Fault& fault) { return is_same(fault, choice); });
  if (known == faults.end()) {
    faults.push_back({std::move(choice), {host}, scope});
    return;
  }
  known->scope |= scope;
  if (std::find(known->hosts.begin(), known->hosts.end(), host) == known->hosts.end()) known->hosts.push_back(host);
}

void fail(const Fault& fault, const Path& path, Verdicts& out) {
  const CertificateView& first = *fault.choice.front();
  const std::vector<std::string> names = all_names(fault.choice);
  const bool one = fault.choice.size() == 1;
  FindingBuilder finding =
      fail_certificate(first, one ? secret_of(first) : first.owner, one ? std::string_view("data[\"tls.crt\"]") : first.path,
                       {fault.scope, Impact::all}, path, out);
  finding.reason(reason_of(names, fault.hosts.front())).says("{}", message_of(fault.hosts, fault.choice, names));
  for (const CertificateView* view : fault.choice) {
    finding.saw(secret_of(*view), "data[\"tls.crt\"]", naming_of(view->secret->chain.front()));
  }
  for (const CertificateView& view : path.certificates) {
    if (one && view.scope.overlaps(fault.scope)) finding.affects(view.owner);
  }
  const std::string wanted = fmt::format("get a certificate that names {}", join_names(fault.hosts));
  finding.fix(one ? renew(first, wanted) : by_hand(wanted + ", and name its Secret in the listener as well"));
}

void judge(const CertificateView& place, const std::string& host, const Path& path, std::vector<Fault>& faults, Verdicts& out) {
  const Scope scope = streams_of(host, place, path);
  if (!scope.any() || host.empty()) return;
  Choice choice = choice_for(host, place, path);
  // Several certificates to choose from are judged once, with the first.
  if (choice.empty() || choice.front() != &place) return;
  switch (match(host, choice)) {
    case Match::covered:
      out.pass(scope);
      break;
    case Match::uncovered:
      add_fault(std::move(choice), host, scope, faults);
      break;
    case Match::unknown:
      for (const CertificateView* view : choice) {
        if (view->is_secret && view->secret.unknown()) out.unknown(scope, view->secret);
      }
      break;
    case Match::unreadable:
      break;
  }
}

// RFC 9525: clients compare the host with the subject alternative names, and with nothing else.
void run(const Facts& facts, const Path& path, Verdicts& out) {
  std::vector<Fault> faults;
  for (const CertificateView* view : served_certificates(path, facts)) {
    for (const std::string& host : view->hosts) judge(*view, host, path, faults, out);
  }
  for (const Fault& fault : faults) fail(fault, path, out);
}

}  // namespace

extern constinit const Check tls_host_mismatch{
    .code = "tls-host-mismatch",
    .title = "no name of the certificate covers a host that it is served for",
    .severity = Severity::error,
    .layer = Layer::tls,
    .reads = {Kind::secret},
    .explains = {"tls-served-default", "tls-served-other"},
    .run = run,
};

}  // namespace gwdoctor
