#pragma once
// Answers network wishes (Wish::probe): everything of a batch at once, so that a batch takes as long as its slowest probe.

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "kube/source.h"
#include "net/patience.h"

namespace gwdoctor {

struct ObserverOptions {
  Patience patience;
  std::string ca_file;
  std::string hosts_path = "/etc/hosts";
};

class NetObserver {
 public:
  explicit NetObserver(ObserverOptions options) : options_(std::move(options)) {}

  // The answers in the order of the wishes: dns, tcp, tls and http. A wish of another kind is unknown. Where cancelled, what had
  // no answer yet is unknown too. A DNS server that stayed silent to all of an earlier batch, and an address and port that did,
  // are not waited for again. May be called from several threads.
  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes);

 private:
  struct Batch;
  void observe_dns(Batch& batch);
  void observe_tcp(Batch& batch);
  void observe_tls(Batch& batch);
  void observe_http(Batch& batch);
  [[nodiscard]] bool is_silent(const std::string& where);
  void remember_silent(const std::string& where);

  ObserverOptions options_;
  std::mutex mutex_;
  std::set<std::string> silent_;  // DNS servers, and ADDRESS PORT
};

}  // namespace gwdoctor
