// gwdoctor-observe: asks NetObserver what the lines of standard input say, all in one batch, and prints the observations as JSON.
//   gwdoctor-observe [--timeout MS] [--hosts FILE] [--ca-file FILE]
//   dns NAME [SERVER] | tcp ADDRESS PORT | tls ADDRESS PORT [SNI] | http ADDRESS PORT HOST PATH [tls] |
//   grpc ADDRESS PORT HOST [tls]: the health of a gRPC server
#include <cstdio>
#include <iostream>
#include <sstream>

#include "kube/json.h"
#include "kube/observation.h"
#include "net/observer.h"

using namespace gwdoctor;

namespace {

Wish wish_in(const std::string& line) {
  std::istringstream words(line);
  std::string what;
  std::string name;
  words >> what >> name;
  if (what == "dns") {
    std::string server;
    words >> server;
    return wish_of(DnsQuestion{name, server});
  }
  std::int64_t port = 0;
  std::string host;
  words >> port >> host;
  if (what == "tcp") return wish_of(TcpQuestion{name, port});
  if (what == "tls") return wish_of(TlsQuestion{name, port, host});
  HttpQuestion question;
  question.address = name;
  question.port = port;
  question.host = host;
  std::string tls;
  if (what == "grpc") {
    question.grpc_health = "";
  } else {
    words >> question.path;
  }
  words >> tls;
  question.tls = tls == "tls";
  return wish_of(question);
}

}  // namespace

int main(int argc, char** argv) {
  ObserverOptions options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string flag = argv[at];
    if (flag == "--timeout") options.patience.timeout = std::chrono::milliseconds(std::stoi(argv[at + 1]));
    if (flag == "--hosts") options.hosts_path = argv[at + 1];
    if (flag == "--ca-file") options.ca_file = argv[at + 1];
  }
  std::vector<Wish> wishes;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.empty()) wishes.push_back(wish_in(line));
  }
  const auto start = Clock::now();
  const std::vector<Answer> answers = NetObserver(options).fill(wishes);
  Value out{Value::Object{}};
  out.set("milliseconds", milliseconds_since(start));
  Value::Array documents;
  for (const Answer& answer : answers)
    documents.push_back(answer.documents.empty() ? Value(answer.why.message) : answer.documents[0]);
  out.set("answers", std::move(documents));
  std::puts(write_json(out, 1).c_str());
  return 0;
}
