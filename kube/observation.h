#pragma once
// Observations as facts: from a question to the wish, and from question and answer to the document that captures and check cases
// hold. Documents: apiVersion gwdoctor.dev/v1, kind DNSObservation, TCPObservation, TLSObservation, HTTPObservation or
// ProxyObservation, the question in spec, the answer in status, with status.observedAt.

#include <optional>
#include <string>
#include <string_view>

#include "kube/objects/observed.h"
#include "kube/source.h"
#include "kube/value.h"

namespace gwdoctor {

// The question as a wish. Parameters other than the name are in Wish::fields, in a fixed order: "port=443,sni=pay.example".
[[nodiscard]] Wish wish_of(const DnsQuestion& question);
[[nodiscard]] Wish wish_of(const TcpQuestion& question);
[[nodiscard]] Wish wish_of(const TlsQuestion& question);
[[nodiscard]] Wish wish_of(const HttpQuestion& question);
[[nodiscard]] Wish wish_of(const ProxyQuestion& question);

// Back again. Only for a wish of that kind.
[[nodiscard]] DnsQuestion dns_question(const Wish& wish);
[[nodiscard]] TcpQuestion tcp_question(const Wish& wish);
[[nodiscard]] TlsQuestion tls_question(const Wish& wish);
[[nodiscard]] HttpQuestion http_question(const Wish& wish);
[[nodiscard]] ProxyQuestion proxy_question(const Wish& wish);

// The document of an answer to this wish, ready to be kept: bodies are cut, cookies and credentials left out.
[[nodiscard]] Value observation_document(const Wish& wish, const DnsAnswer& answer);
[[nodiscard]] Value observation_document(const Wish& wish, const TcpAnswer& answer);
[[nodiscard]] Value observation_document(const Wish& wish, const TlsAnswer& answer);
[[nodiscard]] Value observation_document(const Wish& wish, const HttpAnswer& answer);
[[nodiscard]] Value observation_document(const Wish& wish, const ProxyAnswer& answer);

// How long each part of an exchange took, of those that were reached: {"connectMilliseconds": 2, …}.
[[nodiscard]] Value phases_value(const HttpPhases& phases);

// The answer with that document, present.
template <class T>
[[nodiscard]] Answer observation(const Wish& wish, const T& answer) {
  Answer out;
  out.state = State::present;
  out.documents.push_back(observation_document(wish, answer));
  return out;
}

// True for a document of one of those kinds, of whatever version.
[[nodiscard]] bool is_observation(const Value& document);
// The wish that a document answers; nothing where its kind, version or question is none that is known.
[[nodiscard]] std::optional<Wish> observed_wish(const Value& document);
// The servers that the DNS wishes among these name, each once, in the order of the wishes; "" is not among them.
[[nodiscard]] std::vector<std::string> servers_of(const std::vector<Wish>& wishes);
// Takes out what must not be kept, from a document that somebody else may have written: cookies, credentials, long bodies.
void tidy_observation(Value& document);

}  // namespace gwdoctor
