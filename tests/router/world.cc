#include "tests/router/world.h"

#include "kube/yaml.h"

namespace gwdoctor {

namespace {

Answer answer(const World& world, const Wish& wish) {
  Answer out;
  out.state = wish.what == Wish::What::object ? State::absent : State::present;
  if (wish.what == Wish::What::served) {
    out.version = std::string(info(wish.kind).versions.front());
    return out;
  }
  for (const Value& document : world.documents) {
    if (kind_of_document(document) != wish.kind) continue;
    const Value& meta = document["metadata"];
    if (wish.what == Wish::What::list) {
      if (selects(wish, document)) out.documents.push_back(document);
    } else if (meta["name"].text() == wish.name && meta["namespace"].text() == wish.ns) {
      out.documents = {document};
      out.state = State::present;
    }
  }
  return out;
}

}  // namespace

Kind kind_of_document(const Value& document) {
  const std::string version = document["apiVersion"].text();
  const std::size_t slash = version.find('/');
  return kind_of(slash == std::string::npos ? std::string() : version.substr(0, slash), document["kind"].text()).value();
}

std::string name_of_document(const Value& document) {
  const std::string ns = document["metadata"]["namespace"].text();
  return document["kind"].text() + " " + (ns.empty() ? "" : ns + "/") + document["metadata"]["name"].text();
}

std::string yaml_of(const World& world) {
  std::string out;
  for (const Value& document : world.documents) out += "---\n" + write_yaml(document);
  return out;
}

std::string text_of(const Request& request) {
  std::string out =
      request.method + " " + request.scheme + "://" + request.host + ":" + std::to_string(request.port) + request.path;
  if (!request.query.empty()) out += "?" + request.query;
  for (const HeaderField& header : request.headers) out += " [" + header.name + ": " + header.value + "]";
  if (request.tls) out += " (SNI " + (request.sni.empty() ? "none" : request.sni) + ")";
  return out + (request.grpc ? " (gRPC)" : "");
}

bool answer_wanted(const World& world, Facts& facts) {
  const std::vector<Wish> wishes = facts.take_wanted();
  for (const Wish& wish : wishes) facts.store(wish, answer(world, wish));
  return !wishes.empty();
}

}  // namespace gwdoctor
