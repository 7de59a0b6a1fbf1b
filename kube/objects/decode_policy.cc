#include <fmt/format.h>

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"

namespace gwdoctor {

namespace {

BackendTlsPolicy::Target decode_target(const Value& item, const std::string& path) {
  return {item["group"].text(), item["kind"].text(), item["name"].text(), item["sectionName"].text(), path};
}

}  // namespace

template <>
BackendTlsPolicy decode<BackendTlsPolicy>(const Value& document, Kind kind) {
  const Value& spec = document["spec"];
  const Value& validation = spec["validation"];
  BackendTlsPolicy out;
  out.meta = decode_meta(document, kind);
  out.targets = decode_each(spec["targetRefs"], "spec.targetRefs", decode_target);
  out.hostname = lower_case(validation["hostname"].text());
  for (const Value& name : validation["subjectAltNames"].items()) {
    const std::string type = name["type"].text();
    out.subject_names.push_back(fmt::format("{} {}", type, name[type == "URI" ? "uri" : "hostname"].text()));
  }
  const std::string& ns = out.meta.ref.ns;
  out.ca_certificates =
      decode_each(validation["caCertificateRefs"], "spec.validation.caCertificateRefs",
                  [&](const Value& item, const std::string& path) { return decode_ref(item, path, "", "", ns); });
  out.well_known_ca_certificates = validation["wellKnownCACertificates"].text();
  out.ancestors =
      decode_each(document["status"]["ancestors"], "status.ancestors", [&](const Value& item, const std::string& path) {
        const std::string ref_path = path + ".ancestorRef";
        return BackendTlsPolicy::Ancestor{decode_ref(item["ancestorRef"], ref_path, "gateway.networking.k8s.io", "Gateway", ns),
                                          item["controllerName"].text(), decode_conditions(item["conditions"]), path};
      });
  return out;
}

}  // namespace gwdoctor
