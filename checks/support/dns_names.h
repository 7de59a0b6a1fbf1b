#pragma once
// The hostnames of the target in DNS: what was answered for them, and where they should lead.

#include <string>
#include <string_view>
#include <vector>

#include "chain/front.h"
#include "checks/check.h"
#include "checks/support/addresses.h"

namespace gwdoctor {

// A concrete hostname, with every way from it into the cluster.
struct DnsName {
  std::string host;
  Ref object;  // that holds it …
  std::string path;
  Scope scope;
  std::vector<const FrontHost*> ways;
};
// Each once, in the order of the path. Addresses are no names.
[[nodiscard]] std::vector<DnsName> dns_names(const Front& front);

enum class NameUse {
  ordinary,
  within,    // for use in networks of one's own: .internal, .local (RFC 6762), .home.arpa (RFC 8375), names without a dot …
  reserved,  // never in public DNS: .test, .example, .invalid, .localhost, example.com … (RFC 2606, RFC 6761)
};
[[nodiscard]] NameUse use_of(std::string_view host);

struct Lookup {
  std::string server;  // "" for the resolvers of this machine
  Seen<DnsAnswer> answer;

  // " at 10.0.0.53"; "" for the resolvers of this machine.
  [[nodiscard]] std::string where() const;
};
// At each of the resolvers that were chosen (Settings::resolvers).
[[nodiscard]] std::vector<Lookup> look_up(std::string_view host, const Facts& facts);
// Says of each that gave no fact that it was needed.
void admit_unknown(const std::vector<Lookup>& lookups, const Scope& scope, Verdicts& out);

// Where a name should lead: to what is published for it, to what the Services in front have, and to what external-dns was
// told to write in its place (its annotation `target`).
struct Wanted {
  std::vector<std::string> values;  // as published: for messages
  std::vector<IpAddress> addresses;
  std::vector<std::string> names;
  bool by_hostname = false;           // a load balancer that has a name: its addresses change (failures/traps, 23)
  bool behind_nodes = false;          // the Services in front are known, and none is of type LoadBalancer (failures/traps, 9)
  std::vector<Seen<DnsAnswer>> open;  // names of load balancers whose addresses are not known

  [[nodiscard]] bool empty() const { return values.empty(); }
  [[nodiscard]] bool has_family(bool v6) const;
  [[nodiscard]] bool is_public() const;  // one of the addresses can be reached from everywhere
  [[nodiscard]] std::string text() const;
};
[[nodiscard]] Wanted wanted_of(const DnsName& name, const Front& front, const Path& path, const Facts& facts,
                               const std::string& server);

// An answer held against that.
struct Comparison {
  bool by_name = false;                   // its CNAME chain leads to a name that is wanted
  std::vector<std::string> hits;          // addresses that are wanted
  std::vector<std::string> strangers;     // of a family of which others are wanted
  std::vector<std::string> other_family;  // of a family of which none is wanted

  [[nodiscard]] bool leads_here() const { return by_name || !hits.empty(); }
  [[nodiscard]] bool leads_elsewhere() const { return !leads_here() && (!strangers.empty() || !other_family.empty()); }
};
[[nodiscard]] Comparison compare(const DnsAnswer& answer, const Wanted& wanted);

// Who of these can be reached from where: the widest.
[[nodiscard]] Reach widest(const std::vector<std::string>& addresses);
// "203.0.113.10, 203.0.113.11 and 3 more".
[[nodiscard]] std::string list_text(const std::vector<std::string>& values);
// "203.0.113.10", or "lb-1.elb.example (203.0.113.10)" where a CNAME leads there.
[[nodiscard]] std::string answer_text(const DnsAnswer& answer);
// The observation as an object, for evidence.
[[nodiscard]] Ref observation_of(const Value& document);
// What to do to the record.
[[nodiscard]] Fix record_fix(const DnsName& name, const Wanted& wanted);

}  // namespace gwdoctor
