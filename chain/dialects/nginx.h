#pragma once
// ingress-nginx (kubernetes/ingress-nginx v1.12 to v1.15, the last ones): internal/ingress/controller/{controller,location}.go,
// internal/ingress/controller/template/template.go, rootfs/etc/nginx/{template/nginx.tmpl,lua/balancer.lua}.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chain/dialects/ingress_table.h"

namespace gwdoctor {

// Names an Ingress as a canary; then it has no paths of its own.
[[nodiscard]] bool is_canary(const Ingress& ingress);
// The virtual server ("" for the catch-all one) that takes the request.
[[nodiscard]] std::string nginx_server(const IngressTable& table, std::string_view host);
// Whether an Ingress asks, with this path, for regular expressions on the path's host: all of them then are.
[[nodiscard]] bool asks_for_regex(const Ingress& ingress, std::string_view path);
// Whether the paths of a server are regular expressions.
[[nodiscard]] bool is_regex_server(const IngressTable& table, std::string_view host);
// The Ingress whose annotations hold for "/" of a server that has no rule for it: the first with a rule for that host.
[[nodiscard]] std::shared_ptr<const Ingress> nginx_creator(const IngressTable& table, std::string_view host);
// The host of the rules behind a server: of an alias, the host that it stands for.
[[nodiscard]] std::string ruled_host(const IngressEntry& entry);

// Canaries (nginx_canary.cc): adds the canary of the entry's backend to an outcome that forwards to it.
void apply_canary(const IngressEntry& entry, const Request& request, const IngressTable& table, Outcome& out);

// Redirects, rewrites and notes (nginx_answers.cc).
[[nodiscard]] bool nginx_intercept(const Request& request, std::string_view path, const IngressTable& table, Outcome& out);
void nginx_apply(const IngressEntry& entry, const Request& request, std::string_view path, const IngressTable& table,
                 Outcome& out);
void nginx_nothing(const Request& request, std::string_view path, const IngressTable& table, Outcome& out);
// True where nginx answers 301 with a slash added: the location is /foo/, the path /foo, and no location is for that.
[[nodiscard]] bool adds_slash(const IngressEntry& entry, std::string_view path, const IngressTable& table);

}  // namespace gwdoctor
