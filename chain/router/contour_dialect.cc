#include "chain/router/contour.h"

namespace gwdoctor {

GatewayDialect contour_gateway_dialect() {
  GatewayDialect dialect;
  dialect.id = "contour";
  dialect.name = "Contour";
  dialect.version = "1.33";
  dialect.falls_back_over_hostnames = false;
  dialect.host_must_be_sni = true;
  dialect.regex_order = RegexOrder::before_prefix;
  dialect.regex_known = true;
  dialect.path = envoy_treatment;
  dialect.path.envoy_corners = true;
  dialect.path_known = true;
  dialect.host_scope = HostScope::port;
  dialect.keeps_final_dot = true;
  dialect.header_lines = HeaderLines::any_one;
  dialect.query_text = QueryText::raw;
  dialect.redirects_ignore_query = true;
  dialect.ignores_unknown_filters = true;
  dialect.filters_without_order = true;
  dialect.invalid_backends = InvalidBackends::left_out;
  // Conflicts are worked out from the routes as they stand; a filter that is not supported takes nothing away.
  dialect.served_reasons = {"RuleMatchConflict", "UnsupportedValue"};
  dialect.without_backend_tls = "takes BackendTLSPolicy in version v1alpha3 alone";
  dialect.plain_for_invalid_backend_tls = true;
  // Those that Envoy's parser of HTTP/1.1 knows.
  dialect.methods = {"ACL",    "BIND",      "CHECKOUT",   "CONNECT",    "COPY",   "DELETE", "GET",        "HEAD",   "LINK",
                     "LOCK",   "MERGE",     "MKACTIVITY", "MKCALENDAR", "MKCOL",  "MOVE",   "MSEARCH",    "NOTIFY", "OPTIONS",
                     "PATCH",  "POST",      "PROPFIND",   "PROPPATCH",  "PURGE",  "PUT",    "REBIND",     "REPORT", "SEARCH",
                     "SOURCE", "SUBSCRIBE", "TRACE",      "UNBIND",     "UNLINK", "UNLOCK", "UNSUBSCRIBE"};
  dialect.hostnames = contour_hostnames;
  dialect.order = contour_order;
  dialect.compile = contour_compile;
  dialect.replaced_prefix = contour_replaced_prefix;
  dialect.redirect = contour_redirect;
  dialect.tell = contour_tell;
  return dialect;
}

}  // namespace gwdoctor
