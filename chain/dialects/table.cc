#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "chain/controllers.h"
#include "chain/dialects/ingress_table.h"
#include "chain/dialects/order.h"
#include "chain/dialects/shape.h"
#include "chain/hostname.h"
#include "chain/ingress_class.h"
#include "chain/listed.h"

namespace gwdoctor {

namespace {

// The classes that one data plane serves, as far as the facts tell.
struct Plane {
  const Controller* row = nullptr;
  std::set<std::string> classes;
  bool classless = false;  // it takes Ingresses that name no class
};

// The controllers that have a class here and take Ingresses without one.
std::set<const Controller*> takers_of_classless(const List<IngressClass>& classes) {
  std::set<const Controller*> takers;
  for (const Known<IngressClass>& known : classes) {
    const Controller* row = find_by_ingress_controller(known->controller);
    if (row != nullptr && row->classless == Classless::taken) takers.insert(row);
  }
  return takers;
}

void add_classes_of(Plane& plane, std::string_view controller, const List<IngressClass>& classes) {
  for (const Known<IngressClass>& known : classes) {
    if (known->controller == controller) plane.classes.insert(known->meta.ref.name);
  }
}

void add_taken_names(Plane& plane, const List<IngressClass>& classes) {
  if (plane.row == nullptr) return;
  const auto has_object = [&](std::string_view name) {
    return std::any_of(classes.begin(), classes.end(),
                       [&](const Known<IngressClass>& one) { return one->meta.ref.name == name; });
  };
  for (const auto* names : {&plane.row->annotation_classes, &plane.row->classes_without_object}) {
    for (const std::string_view name : *names) {
      if (!has_object(name) && find_by_annotation_class(name) == plane.row) plane.classes.insert(std::string(name));
    }
  }
  std::set<const Controller*> takers = takers_of_classless(classes);
  takers.erase(plane.row);
  // Where several take them, each has its own copy: whose is asked about is not told by an Ingress without a class.
  plane.classless = plane.row->classless == Classless::taken && takers.empty();
}

// Nothing while it is not known which controller the class belongs to.
std::optional<Plane> plane_of(const std::string& class_name, const Facts& facts) {
  const Seen<List<IngressClass>> classes = facts.list<IngressClass>(Kind::ingress_class, "");
  static const List<IngressClass> none;
  const List<IngressClass>& all = classes.present() ? *classes : none;
  Plane plane;
  plane.classes.insert(class_name);
  if (class_name.empty()) {
    if (classes.unknown()) return std::nullopt;
    plane.classless = true;
    const std::set<const Controller*> takers = takers_of_classless(all);
    plane.row = takers.size() == 1 ? *takers.begin() : nullptr;
    if (plane.row != nullptr) {
      for (const Known<IngressClass>& known : all) {
        if (find_by_ingress_controller(known->controller) == plane.row) plane.classes.insert(known->meta.ref.name);
      }
    }
    return plane;
  }
  const Seen<IngressClass> object = facts.get<IngressClass>(Kind::ingress_class, "", class_name);
  if (object.unknown()) return std::nullopt;
  if (object.present()) {
    plane.row = find_by_ingress_controller(object->controller);
    add_classes_of(plane, object->controller, all);
  } else {
    plane.row = find_by_annotation_class(class_name);
  }
  add_taken_names(plane, all);
  return plane;
}

std::vector<std::shared_ptr<const Ingress>> ingresses_of(const Plane& plane, std::string_view ns, const Facts& facts,
                                                         std::vector<Unread>& unread) {
  const Seen<List<Ingress>> list = list_all_or_own<Ingress>(Kind::ingress, ns, facts, unread);
  std::vector<std::shared_ptr<const Ingress>> out;
  if (!list.present()) return out;
  for (const Known<Ingress>& known : *list) {
    if (known->meta.deleted && !known->default_backend && known->rules.empty()) continue;
    const ClassOf which = class_of(*known, facts);
    const bool nameless = which.by == ClassBy::nothing;
    if (nameless ? plane.classless : which.by != ClassBy::unknown && plane.classes.contains(which.name))
      out.push_back(known.object);
  }
  return out;
}

std::optional<IngressTable> build_table(const std::string& class_name, std::string_view ns, const Facts& facts) {
  const std::optional<Plane> plane = plane_of(class_name, facts);
  if (!plane) return std::nullopt;
  std::vector<Unread> unread;
  std::vector<std::shared_ptr<const Ingress>> ingresses = ingresses_of(*plane, ns, facts, unread);
  const std::string_view id = plane->row == nullptr ? std::string_view("?") : plane->row->id;
  IngressTable table = make_ingress_table(std::move(ingresses), class_name, ingress_dialect(id));
  table.unread = std::move(unread);
  for (const std::string& name : plane->classes) {
    if (name != class_name) table.classes.push_back(name);
  }
  return table;
}

}  // namespace

std::shared_ptr<const IngressTable> ingress_table(std::string_view class_name, std::string_view ns, const Facts& facts) {
  using Built = std::optional<IngressTable>;
  const std::shared_ptr<const Built> built = facts.memo<Built>(fmt::format("ingress-table {} {}", class_name, ns),
                                                               [&] { return build_table(std::string(class_name), ns, facts); });
  return *built ? std::shared_ptr<const IngressTable>(built, &**built) : nullptr;
}

IngressTable make_ingress_table(std::vector<std::shared_ptr<const Ingress>> ingresses, std::string_view class_name,
                                const IngressDialect& dialect) {
  IngressTable table;
  table.class_name = std::string(class_name);
  table.classes = {table.class_name};
  table.dialect = &dialect;
  table.ingresses = std::move(ingresses);
  std::stable_sort(table.ingresses.begin(), table.ingresses.end(),
                   [](const auto& left, const auto& right) { return is_older(*left, *right); });
  dialect.compile(table);
  return table;
}

bool takes_all_of(const IngressEntry& outer, const IngressEntry& inner, const IngressTable& table) {
  const IngressDialect& dialect = *table.dialect;
  if (dialect.shape == nullptr) return false;
  if (dialect.balancer != nullptr && dialect.balancer(*outer.ingress) != dialect.balancer(*inner.ingress)) return false;
  const bool hosts = dialect.host_first ? outer.host == inner.host
                                        : outer.host.empty() || outer.host == inner.host ||
                                              (!is_wildcard(inner.host) && ingress_host_covers(outer.host, inner.host));
  if (!hosts || (inner.host.empty() && !outer.host.empty())) return false;
  return shape_takes_all_of(dialect.shape(outer, table), dialect.shape(inner, table));
}

std::optional<Request> example_request(const IngressEntry& entry, bool tls) {
  std::string path(path_of(entry));
  // "/*" and "/.*" are how controllers write "everything below".
  for (const std::string_view tail : {"(/|$)(.*)", "/(.*)", "/.*", "/*", ".*"}) {
    if (!path.ends_with(tail)) continue;
    path.resize(path.size() - tail.size());
    break;
  }
  if (path.empty()) path = "/";
  // Kong's mark of a regular expression.
  if (path.starts_with("/~/")) path.erase(0, 2);
  if (has_regex_characters(path) || path.front() != '/') return std::nullopt;
  Request request;
  request.scheme = tls ? "https" : "http";
  request.method = "GET";
  request.host = entry.host.empty() ? "any.invalid" : is_wildcard(entry.host) ? "any" + entry.host.substr(1) : entry.host;
  request.port = tls ? 443 : 80;
  request.path = std::move(path);
  request.tls = tls;
  if (tls) request.sni = request.host;
  return request;
}

}  // namespace gwdoctor
