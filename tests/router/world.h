#pragma once
// A small cluster as documents, and the facts that are read from it.

#include <string>
#include <vector>

#include "chain/request/request.h"
#include "kube/facts.h"

namespace gwdoctor {

struct World {
  std::vector<Value> documents;
};

// A request as it is written on a command line, and what it means.
struct Ask {
  RequestWords words;
  Request request;
};

[[nodiscard]] Kind kind_of_document(const Value& document);
// "HTTPRoute a/r1".
[[nodiscard]] std::string name_of_document(const Value& document);
// As kubectl would print it: one document after the other.
[[nodiscard]] std::string yaml_of(const World& world);
// The request with all that is matched on, in one line.
[[nodiscard]] std::string text_of(const Request& request);

// Every object of these kinds, decoded, in the order of the documents.
template <class T>
[[nodiscard]] std::vector<T> decoded(const World& world, std::initializer_list<Kind> kinds) {
  std::vector<T> out;
  for (const Value& document : world.documents) {
    const Kind kind = kind_of_document(document);
    for (const Kind wanted : kinds) {
      if (kind == wanted) out.push_back(decode<T>(document, kind));
    }
  }
  return out;
}

// Answers what the facts still want from the world, in which every kind is served and may be read; false where they want nothing.
[[nodiscard]] bool answer_wanted(const World& world, Facts& facts);

}  // namespace gwdoctor
