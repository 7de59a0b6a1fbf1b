#pragma once
// DNS questions by c-ares: A and AAAA of every name at once, each name exactly as it stands (no search domains), CNAME chains,
// NXDOMAIN told from empty, from SERVFAIL, from silence.

#include <string>
#include <vector>

#include "kube/objects/observed.h"
#include "net/patience.h"

namespace gwdoctor {

struct DnsOptions {
  Patience patience;  // the timeout is for a question as a whole, however many servers have to be tried
  std::string hosts_path = "/etc/hosts";
};

// The answers in the order of the questions. A question without server goes to the resolvers of /etc/resolv.conf, one after the
// other while they fail or are silent, and carries what /etc/hosts says; one with a server goes there alone. A server may be an
// address, with or without port. A name that DNS cannot carry is answered with an error.
[[nodiscard]] std::vector<DnsAnswer> ask_dns(const std::vector<DnsQuestion>& questions, const DnsOptions& options);

// The server in one form, "10.0.0.53:53" or "[2001:db8::1]:53"; "" where the text is no address with or without a port.
[[nodiscard]] std::string dns_server_address(const std::string& text);

}  // namespace gwdoctor
