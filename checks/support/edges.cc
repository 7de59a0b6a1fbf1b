#include "checks/support/edges.h"

#include <algorithm>

#include "checks/support/addresses.h"
#include "kube/few.h"

namespace gwdoctor {

namespace {

struct Edge {
  std::string_view name;
  Few<std::string_view> suffixes{};  // of names, with the leading dot
  Few<std::string_view> ranges{};    // only those that have been stable for years
};

// Suffixes from each one's documentation on custom domains. Ranges: cloudflare.com/ips, api.fastly.com/public-ip-list, Imperva's
// list of its networks, ip-ranges.amazonaws.com (CLOUDFRONT, GLOBALACCELERATOR), Vercel's and GitHub's pages on custom domains.
constexpr Edge edges[] = {
    {.name = "Cloudflare",
     .suffixes = {".cdn.cloudflare.net", ".cdn.cloudflare.com", ".pages.dev", ".cfargotunnel.com"},
     .ranges = {"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
                "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15"}},
    {.name = "Cloudflare",
     .ranges = {"104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22", "2400:cb00::/32", "2606:4700::/32",
                "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32"}},
    {.name = "CloudFront",
     .suffixes = {".cloudfront.net"},
     .ranges = {"13.32.0.0/15", "13.35.0.0/16", "18.64.0.0/14", "52.84.0.0/15", "54.182.0.0/16", "54.192.0.0/16", "99.84.0.0/16",
                "99.86.0.0/16", "108.138.0.0/15", "108.156.0.0/14", "143.204.0.0/16"}},
    {.name = "CloudFront",
     .ranges = {"18.154.0.0/15", "18.160.0.0/15", "18.164.0.0/15", "18.172.0.0/15", "18.238.0.0/15", "18.244.0.0/15",
                "52.222.128.0/17", "65.8.0.0/16", "65.9.0.0/17", "3.160.0.0/14", "2600:9000::/28"}},
    {.name = "AWS Global Accelerator",
     .suffixes = {".awsglobalaccelerator.com"},
     .ranges = {"75.2.0.0/17", "99.83.128.0/17", "76.223.0.0/17", "13.248.128.0/17", "15.197.128.0/17", "3.33.128.0/17",
                "52.223.0.0/17"}},
    {.name = "Akamai",
     .suffixes = {".akamai.net", ".akamaiedge.net", ".akamaized.net", ".edgekey.net", ".edgesuite.net", ".akadns.net",
                  ".akamaihd.net"}},
    {.name = "Fastly",
     .suffixes = {".fastly.net", ".fastlylb.net", ".edgecompute.app"},
     .ranges = {"23.235.32.0/20", "43.249.72.0/22", "104.156.80.0/20", "146.75.0.0/17", "151.101.0.0/16", "157.52.64.0/18",
                "167.82.0.0/17", "172.111.64.0/18", "185.31.16.0/22", "199.27.72.0/21", "199.232.0.0/16"}},
    {.name = "Fastly", .ranges = {"140.248.64.0/18", "140.248.128.0/17", "2a04:4e40::/32", "2a04:4e42::/32"}},
    {.name = "Azure Front Door or CDN",
     .suffixes = {".azurefd.net", ".azureedge.net", ".t-msedge.net", ".msedge.net", ".trafficmanager.net"}},
    {.name = "Imperva",
     .suffixes = {".incapdns.net", ".impervadns.net"},
     .ranges = {"199.83.128.0/21", "198.143.32.0/19", "149.126.72.0/21", "192.230.64.0/18", "107.154.0.0/16", "45.60.0.0/16",
                "45.223.0.0/16", "2a02:e980::/29"}},
    {.name = "Google", .suffixes = {".googlehosted.com", ".ghs.googlehosted.com", ".googleusercontent.com"}},
    {.name = "Netlify", .suffixes = {".netlify.app", ".netlify.com", ".netlifyglobalcdn.com"}},
    {.name = "Vercel", .suffixes = {".vercel-dns.com", ".vercel.app", ".now.sh"}, .ranges = {"76.76.21.0/24", "216.198.79.0/24"}},
    {.name = "GitHub Pages", .suffixes = {".github.io"}, .ranges = {"185.199.108.0/22"}},
    {.name = "Bunny", .suffixes = {".b-cdn.net"}},
    {.name = "KeyCDN", .suffixes = {".kxcdn.com"}},
    {.name = "CDN77", .suffixes = {".cdn77.org", ".rsc.cdn77.org"}},
    {.name = "Edgio", .suffixes = {".edgecastcdn.net", ".llnwd.net", ".edgio.net"}},
    {.name = "Sucuri", .suffixes = {".sucuridns.com"}, .ranges = {"192.88.134.0/23", "185.93.228.0/22", "66.248.200.0/22"}},
    {.name = "Alibaba Cloud CDN", .suffixes = {".alikunlun.com", ".kunlunsl.com", ".kunlunca.com"}},
    {.name = "Tencent Cloud CDN", .suffixes = {".cdn.dnsv1.com", ".dnse0.com"}},
    {.name = "NS1 or another traffic director", .suffixes = {".cedexis.net", ".footprintdns.com"}},
};

bool leads_to(const Edge& edge, std::string_view name) {
  return std::any_of(edge.suffixes.begin(), edge.suffixes.end(), [&](std::string_view suffix) {
    return name.ends_with(suffix) || name == suffix.substr(1) || (suffix == ".googlehosted.com" && name == "ghs.google.com");
  });
}

bool holds(const Edge& edge, const std::string& address) {
  const std::optional<IpAddress> parsed = parse_ip(address);
  return parsed &&
         std::any_of(edge.ranges.begin(), edge.ranges.end(), [&](std::string_view range) { return in_prefix(*parsed, range); });
}

}  // namespace

std::string_view known_edge(const DnsAnswer& answer) {
  for (const DnsAlias& alias : answer.aliases) {
    for (const Edge& edge : edges) {
      if (leads_to(edge, alias.to)) return edge.name;
    }
  }
  const std::vector<std::string> addresses = answer.addresses();
  for (const Edge& edge : edges) {
    // All of them: one address of a network among others proves no edge.
    if (!addresses.empty() && std::all_of(addresses.begin(), addresses.end(), [&](const std::string& one) {
          return std::any_of(std::begin(edges), std::end(edges),
                             [&](const Edge& other) { return other.name == edge.name && holds(other, one); });
        }))
      return edge.name;
  }
  return {};
}

}  // namespace gwdoctor
