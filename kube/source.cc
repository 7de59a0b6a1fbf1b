#include "kube/source.h"

namespace gwdoctor {

namespace {

std::string conditions_text(const Wish& wish) {
  std::string out;
  if (!wish.selector.empty()) out += " with " + wish.selector;
  if (!wish.fields.empty()) out += " where " + wish.fields;
  return out;
}

}  // namespace

std::string Wish::text() const {
  const KindInfo& entry = info(kind);
  switch (what) {
    case What::object:
      return ref(kind, ns, name).text();
    case What::list: {
      std::string out(entry.plural);
      if (entry.namespaced) out += ns.empty() ? std::string(" in all namespaces") : " in " + ns;
      return out + conditions_text(*this);
    }
    case What::served:
      return "API " + resource_name(kind);
  }
  return {};
}

std::string_view reason_name(Why::Reason reason) {
  switch (reason) {
    case Why::Reason::forbidden:
      return "forbidden";
    case Why::Reason::timeout:
      return "timeout";
    case Why::Reason::not_served:
      return "not-served";
    case Why::Reason::not_collected:
      return "not-collected";
    case Why::Reason::expired:
      return "expired";
    case Why::Reason::vantage:
      return "vantage";
    case Why::Reason::pending:
      return "pending";
    case Why::Reason::error:
      return "error";
  }
  return "error";
}

}  // namespace gwdoctor
