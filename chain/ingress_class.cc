#include "chain/ingress_class.h"

namespace gwdoctor {

ClassOf class_of(const Ingress& ingress, const Facts& facts) {
  ClassOf out;
  if (ingress.class_name) {
    out.by = ClassBy::field;
    out.name = *ingress.class_name;
    return out;
  }
  if (!ingress.class_annotation.empty()) {
    out.by = ClassBy::annotation;
    out.name = ingress.class_annotation;
    return out;
  }
  out.classes = facts.list<IngressClass>(Kind::ingress_class, "");
  out.by = out.classes.unknown() ? ClassBy::unknown : ClassBy::nothing;
  if (!out.classes.present()) return out;
  std::optional<Time> newest;
  for (const Known<IngressClass>& candidate : *out.classes) {
    if (!candidate->is_default || (out.by == ClassBy::cluster_default && candidate->meta.created <= newest)) continue;
    out.by = ClassBy::cluster_default;
    out.name = candidate->meta.ref.name;
    newest = candidate->meta.created;
  }
  return out;
}

}  // namespace gwdoctor
