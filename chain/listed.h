#pragma once
// Lists that an account may be allowed of its own namespace alone.

#include "chain/router/outcome.h"
#include "kube/facts.h"

namespace gwdoctor {

// Every object of a kind; where those of all namespaces cannot be had, the ones of `ns`. What could not be is added to `unread`.
template <class T>
[[nodiscard]] Seen<List<T>> list_all_or_own(Kind kind, std::string_view ns, const Facts& facts, std::vector<Unread>& unread) {
  Seen<List<T>> list = facts.list<T>(kind, "");
  if (!list.unknown()) return list;
  unread.push_back({list.wish(), list.why()});
  list = facts.list<T>(kind, ns);
  if (list.unknown()) unread.push_back({list.wish(), list.why()});
  return list;
}

}  // namespace gwdoctor
