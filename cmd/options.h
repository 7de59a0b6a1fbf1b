#pragma once
// What the command line asks for, as a plain value. cmd/parse.cc makes it; nothing else knows CLI11.

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kube/connection.h"
#include "kube/kind.h"
#include "kube/source.h"
#include "kube/time.h"
#include "report/style.h"

namespace gwdoctor {

enum class Command { help, route, ingress, gateway, service, trace, scan, explain, version };
enum class Format { text, wide, json, yaml };
enum class FailOn { error, warning, unknown, never };

// The exit codes of the contract (docs/exit-codes.md).
enum class Exit { ok = 0, findings = 1, usage = 2, unreachable = 3, unknown = 4, internal = 70, interrupted = 130 };

// The request of `trace`, in the words of the command line; the URL is the command's name.
struct TraceFlags {
  std::string method;
  std::vector<std::string> headers;
  std::string grpc;
  std::string gateway;  // NS/NAME or NAME
  std::optional<std::string> ingress_class;
  std::string sni;
  std::vector<std::string> resolve;
  bool send = false;
};

// What may be observed on the network.
struct ProbeFlags {
  std::optional<std::set<ProbeKind>> kinds;  // --probe; nothing where it was not given
  std::string path{"/"};                     // of --probe http=/path
  std::vector<std::string> dns_servers;
  std::chrono::milliseconds timeout{2000};
  std::string ca_file;
  bool public_view = false;
  bool public_given = false;  // --public, or --public=false
};

struct Options {
  Command command = Command::help;
  std::string help_for;            // a command, for `help`; "" for the whole
  std::vector<std::string> names;  // what the command is about
  ConnectionFlags connection;
  bool all_namespaces = false;
  std::optional<std::string> from;
  std::optional<std::string> capture;
  Format format = Format::text;
  ColorFlag color = ColorFlag::automatic;
  int verbosity = 0;
  bool quiet = false;
  FailOn fail_on = FailOn::error;
  Seconds expiry_warning{21 * 86400};
  bool expiry_given = false;  // by --expiry-warning
  std::set<std::string, std::less<>> select;
  std::set<std::string, std::less<>> ignore;
  std::set<Kind> accept_unknown;
  ProbeFlags probe;
  TraceFlags trace;
};

}  // namespace gwdoctor
