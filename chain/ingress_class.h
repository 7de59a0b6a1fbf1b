#pragma once
// Which class an Ingress belongs to.

#include <string>

#include "chain/path.h"
#include "kube/facts.h"

namespace gwdoctor {

struct ClassOf {
  ClassBy by = ClassBy::unknown;
  std::string name;                  // "" where there is none
  Seen<List<IngressClass>> classes;  // asked for where the Ingress names none: the defaults
};
// spec.ingressClassName, else the annotation kubernetes.io/ingress.class, else the default IngressClass; of several defaults the
// newest (DefaultIngressClass admission, v1.26 and later). The field wins over the legacy annotation, as in ingress-nginx and
// Traefik.
[[nodiscard]] ClassOf class_of(const Ingress& ingress, const Facts& facts);

}  // namespace gwdoctor
