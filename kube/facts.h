#pragma once
// The growing store of what is known. Reading a fact that nobody fetched records the wish and answers `wanted`;
// nothing else in the program does I/O. Everything that reads facts is a pure function of them.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "kube/kind.h"
#include "kube/objects/decode.h"
#include "kube/source.h"

namespace gwdoctor {

// Which kinds were looked at, for the test that compares them with what a check declares.
using ReadLog = std::set<Kind>;

// One decoded object with the document behind it.
template <class T>
struct Known {
  std::shared_ptr<const T> object;
  std::shared_ptr<const Value> document;

  const T& operator*() const { return *object; }
  const T* operator->() const { return object.get(); }
};

// The answer to one question. There is no conversion to bool: a reader says which state it means.
template <class T>
class Seen {
 public:
  Seen() = default;

  [[nodiscard]] bool present() const { return touch(), state_ == State::present; }
  [[nodiscard]] bool absent() const { return touch(), state_ == State::absent; }
  // Also while the fact is still being fetched: whoever reports this is asked again in the next round.
  [[nodiscard]] bool unknown() const { return touch(), state_ == State::unknown || state_ == State::wanted; }
  [[nodiscard]] const Why& why() const { return why_; }
  [[nodiscard]] const Wish& wish() const { return wish_; }

  // Only where present().
  const T& operator*() const { return touch(), *value_; }
  const T* operator->() const { return touch(), value_.get(); }
  // The document behind an object; the null value for a list, or where there is none.
  [[nodiscard]] const Value& document() const;
  [[nodiscard]] std::shared_ptr<const Value> shared_document() const { return document_; }
  [[nodiscard]] std::shared_ptr<const T> shared() const { return touch(), value_; }

 private:
  friend class Facts;
  void touch() const {
    if (log_ != nullptr) log_->insert(wish_.kind);
  }
  State state_ = State::wanted;
  Wish wish_;
  Why why_;
  std::shared_ptr<const T> value_;
  std::shared_ptr<const Value> document_;
  ReadLog* log_ = nullptr;
};

template <class T>
using List = std::vector<Known<T>>;

struct Served {
  std::string version;
};

// A change to one object, for trying out a fix. `document` null deletes the object; an object that does not exist is created.
struct Patch {
  Ref object;
  Value merge;  // RFC 7386, or the whole object where it is created
};

// Whether a document is among those that a list wish asks for: by namespace, labels and fields.
[[nodiscard]] bool selects(const Wish& wish, const Value& document);

// What the user asks the checks to go by.
struct Settings {
  Seconds expiry_warning{21 * 86400};             // --expiry-warning
  std::set<ProbeKind> probes{};                   // --probe; nothing else is asked for
  std::string probe_path{"/"};                    // of --probe http=/path
  std::vector<std::string> dns_servers{};         // --dns-server
  std::chrono::milliseconds probe_timeout{2000};  // --probe-timeout, of each probe
  std::string ca_file{};                          // --ca-file: trusted beside the system's own
  bool public_view = false;                       // --public: the target is meant for everybody on the internet

  // Whom to ask about a name: the servers of --dns-server or, without any, {""}, the resolvers of this machine.
  [[nodiscard]] std::vector<std::string> resolvers() const {
    return dns_servers.empty() ? std::vector<std::string>{""} : dns_servers;
  }
};

class Facts {
 public:
  explicit Facts(Time now);
  Facts(Facts&&) noexcept;
  Facts& operator=(Facts&&) noexcept;
  ~Facts();

  // An object by its name.
  template <class T>
  [[nodiscard]] Seen<T> get(Kind kind, std::string_view ns, std::string_view name) const;
  // Every object of a kind in a namespace ("" for all), or those that a selector takes in.
  template <class T>
  [[nodiscard]] Seen<List<T>> list(Kind kind, std::string_view ns, const Selector& selector = {},
                                   std::string_view fields = {}) const;
  // Whether the API server serves a kind.
  [[nodiscard]] Seen<Served> served(Kind kind) const;

  [[nodiscard]] Seen<Service> service(std::string_view ns, std::string_view name) const {
    return get<Service>(Kind::service, ns, name);
  }
  [[nodiscard]] Seen<Namespace> name_space(std::string_view name) const { return get<Namespace>(Kind::name_space, "", name); }
  [[nodiscard]] Seen<Secret> secret(std::string_view ns, std::string_view name) const {
    return get<Secret>(Kind::secret, ns, name);
  }
  // The slices that carry the Service's name in kubernetes.io/service-name.
  [[nodiscard]] Seen<List<EndpointSlice>> slices(std::string_view ns, std::string_view service) const;
  // The events about one object, newest last. Events are gone after an hour: none is not health.
  [[nodiscard]] Seen<List<Event>> events(const Ref& object) const;
  // Every object of this name in any namespace, by a field selector: for "it exists in namespace x".
  template <class T>
  [[nodiscard]] Seen<List<T>> anywhere(Kind kind, std::string_view name) const;

  // Whether this may be observed at all. A check asks first: what was not chosen is neither asked for nor unknown.
  [[nodiscard]] bool probes(ProbeKind probe) const { return settings().probes.contains(probe); }
  // Observations, made from where the program runs. Unknown (not collected), and not asked for, where the probe was not chosen;
  // present whatever came out, a timeout included. In a trial those are pending (unknown) which its patches may change. A name at
  // a server; server "" for the resolvers of this machine (Settings::resolvers).
  [[nodiscard]] Seen<DnsAnswer> dns(std::string_view name, std::string_view server = {}) const;
  [[nodiscard]] Seen<TcpAnswer> tcp(std::string_view address, std::int64_t port) const;
  // A handshake with this SNI ("" for none). Every probe of one address should offer the same `alpn`, so that it is made once.
  [[nodiscard]] Seen<TlsAnswer> tls(std::string_view address, std::int64_t port, std::string_view sni,
                                    const std::vector<std::string>& alpn = {"h2", "http/1.1"}) const;
  [[nodiscard]] Seen<HttpAnswer> http(const HttpQuestion& question) const;
  // A request through the API server's proxy (ProbeKind::service).
  [[nodiscard]] Seen<ProxyAnswer> proxy(const ProxyQuestion& question) const;

  // The document of an object that was read, by itself or in a list; never asks for it. nullptr where it was not.
  [[nodiscard]] std::shared_ptr<const Value> document(const Ref& object) const;

  [[nodiscard]] Time now() const;
  [[nodiscard]] const Settings& settings() const;
  void set_settings(const Settings& settings);

  // The wishes since the last call, each once, in a fixed order.
  [[nodiscard]] std::vector<Wish> take_wanted() const;
  void store(const Wish& wish, Answer answer);
  // Marks what is still wanted as unknown for this reason (the budget of rounds is spent).
  void give_up(const Why& why);

  // A copy in which the patches hold. What controllers wrote into the status of the patched objects, and of all
  // that depends on them, is left out (Meta::settling); EndpointSlices of a Service whose selector, ports or pods
  // changed are worked out from the pods as the endpointslice controller would. Pods that are still to be made
  // (a workload that was scaled up) are pending: whatever needs them is unknown, with that reason.
  [[nodiscard]] Facts patched(const std::vector<Patch>& patches) const;
  // True in such a copy.
  [[nodiscard]] bool is_trial() const;

  // What `make` works out of the facts, kept under `key` until another fact is stored: for what many checks need and is dear.
  // What it reads counts as read by whoever asks.
  template <class T, class Make>
  [[nodiscard]] std::shared_ptr<const T> memo(const std::string& key, Make&& make) const {
    if (std::shared_ptr<const void> kept = recall(key)) return std::static_pointer_cast<const T>(kept);
    ReadLog before = begin_memo();
    std::shared_ptr<const T> made = std::make_shared<const T>(make());
    keep(key, made, std::move(before));
    return made;
  }

  // For the tests: the kinds read since reset_reads(), and a store in which a kind cannot be read.
  void reset_reads() const;
  [[nodiscard]] const ReadLog& reads() const;
  // Everything stored, for a capture: in a fixed order.
  [[nodiscard]] std::vector<std::pair<Wish, Answer>> stored() const;

 private:
  template <class T>
  [[nodiscard]] Seen<T> observed(const Wish& wish) const;
  [[nodiscard]] std::shared_ptr<const void> recall(const std::string& key) const;
  [[nodiscard]] ReadLog begin_memo() const;
  void keep(const std::string& key, std::shared_ptr<const void> value, ReadLog read_before) const;

  struct Store;
  std::unique_ptr<Store> store_;
};

}  // namespace gwdoctor
