#include "cmd/help.h"

#include <fmt/format.h>

#include <array>

namespace gwdoctor {

namespace {

struct Page {
  std::string_view command;
  std::string_view usage;
  std::string_view text;
  std::string_view examples;
  bool diagnoses;
};

constexpr std::array pages{
    Page{"route", "route [TYPE/]NAME",
         "Walk the chain of a route and print the ranked diagnosis.\n\n"
         " The route is an HTTPRoute, GRPCRoute, TLSRoute, TCPRoute, UDPRoute or Ingress. Where several kinds have an object of "
         "that\n"
         " name, each is diagnosed; TYPE/NAME picks one.\n",
         "  # Why does payments-api get no traffic?\n"
         "  kubectl gwdoctor route payments-api -n payments\n\n"
         "  # Only that kind, as JSON\n"
         "  kubectl gwdoctor route httproute/payments-api -n payments -o json\n\n"
         "  # The same, from a dump instead of a cluster\n"
         "  kubectl gwdoctor route payments-api -n payments --from ./dump\n",
         true},
    Page{"ingress", "ingress NAME", "Walk the chain of an Ingress and print the ranked diagnosis.\n",
         "  # Why does the shop answer 503?\n"
         "  kubectl gwdoctor ingress shop -n web\n",
         true},
    Page{"gateway", "gateway NAME", "Diagnose a Gateway: its class, controller, listeners, certificates and addresses.\n",
         "  # Is the Gateway fit to serve?\n"
         "  kubectl gwdoctor gateway public-web -n platform-ingress\n",
         true},
    Page{"service", "service NAME", "Diagnose a Service, and every route and Ingress that leads to it.\n",
         "  # Does traffic arrive at this Service?\n"
         "  kubectl gwdoctor service payments-api -n payments\n",
         true},
    Page{
        "trace", "trace URL",
        "Predict from the objects what becomes of one request, and diagnose its path.\n\n"
        " Says which Gateway or Ingress, listener, route, rule and backends serve exactly this request, and why every other rule "
        "lost.\n"
        " Schemes: http, https, grpc, grpcs, ws, wss, tls, tcp, udp. Without --gateway, --ingress-class or an address, every "
        "entrance\n"
        " that takes the request is traced.\n",
        "  # Why does /api/v2 reach the wrong pods?\n"
        "  kubectl gwdoctor trace https://pay.example/api/v2/refunds -X POST -H 'x-tenant: blue'\n\n"
        "  # A gRPC call at one Gateway\n"
        "  kubectl gwdoctor trace grpcs://pay.example --grpc pay.v1.Refunds/Create --gateway platform-ingress/public-web\n\n"
        "  # Predict, then send it and compare\n"
        "  kubectl gwdoctor trace https://pay.example/ --resolve pay.example:443:203.0.113.10 --send\n",
        true},
    Page{"scan", "scan [-A]", "Diagnose every route, Ingress and Gateway of the namespace, or of the cluster.\n",
         "  # Everything in one namespace\n"
         "  kubectl gwdoctor scan -n payments\n\n"
         "  # Everything, failing on warnings too\n"
         "  kubectl gwdoctor scan -A --fail-on warning\n",
         true},
    Page{"explain", "explain [CODE]",
         "Say what a finding means, how it is detected and how to fix it. Without a code: the catalogue.\n",
         "  # What is that code?\n"
         "  kubectl gwdoctor explain service-port-not-found\n",
         false},
    Page{"version", "version", "Print the version.\n", "  kubectl gwdoctor version\n", false},
};

constexpr std::string_view own_options =
    "    -o, --output='text':\n"
    "\tOutput format. One of: text, wide, json, yaml.\n\n"
    "    --from='':\n"
    "\tRead a capture, a manifest, a folder of manifests, or '-' for standard input, in place of a cluster.\n\n"
    "    --capture='':\n"
    "\tKeep what was read, redacted, in this file; '--from FILE' replays it.\n\n"
    "    --fail-on='error':\n"
    "\tThe least that makes the exit code 1. One of: error, warning, unknown, never.\n\n"
    "    --select='', --ignore='':\n"
    "\tOnly these codes, or all but these. Comma separated. The annotation gwdoctor.dev/ignore on an object does the same for "
    "it.\n\n"
    "    --accept-unknown='':\n"
    "\tKinds whose facts may be missing without making the verdict unknown. Comma separated.\n\n"
    "    --expiry-warning='21d':\n"
    "\tWarn of certificates that expire within this time.\n\n"
    "    --probe='dns,tcp,tls':\n"
    "\tWhat to observe from here, beside the cluster's objects: none, or dns, tcp, tls, http (http=/path for another path than "
    "/) and "
    "service (through the API server). Comma separated. With --from: none, but what the file recorded.\n\n"
    "    --dns-server='':\n"
    "\tAsk this DNS server (10.0.0.53, [2001:db8::1]:53) and not those of this machine. May be repeated: the answers are "
    "compared.\n\n"
    "    --probe-timeout='2s':\n"
    "\tGive up a probe after this time.\n\n"
    "    --ca-file='':\n"
    "\tTrust the certificates in this file beside those of the system when a served chain is judged.\n\n"
    "    --public=false:\n"
    "\tThe target is meant for everybody: private addresses and private certificate authorities are faults. A capture "
    "remembers it.\n\n"
    "    --color='auto':\n"
    "\tColour the report. One of: auto, always, never.\n\n"
    "    -q, --quiet=false:\n"
    "\tPrint only the answer and its causes.\n\n"
    "    -v, --v=0:\n"
    "\tLog requests to standard error: 6 each request, 7 headers, 8 bodies. Credentials and Secrets are never shown.\n";

constexpr std::string_view trace_options =
    "    -X, --request='GET':\n\tThe method.\n\n"
    "    -H, --header=[]:\n\tA header, 'Name: value'. Host stands for the host of the URL.\n\n"
    "    --grpc='':\n\tA gRPC call of pkg.Service/Method.\n\n"
    "    --gateway='', --ingress-class='':\n\tThe entrance: a Gateway as NAMESPACE/NAME, or the Ingresses of one class.\n\n"
    "    --sni='':\n\tThe server name of the TLS handshake, where it is not the host.\n\n"
    "    --resolve=[]:\n\tHOST:PORT:ADDRESS: connect to that address, which also names the entrance.\n\n"
    "    --send=false:\n\tSend the request as well, and compare the answer with the prediction.\n";

constexpr std::string_view connection_options =
    "    -n, --namespace='':\n\tThe namespace of the object; the context's where absent.\n\n"
    "    -A, --all-namespaces=false:\n\tWith scan: every namespace.\n\n"
    "    --kubeconfig='':\n\tPath to the kubeconfig file.\n\n"
    "    --context='', --cluster='', --user='':\n\tThe entries of the kubeconfig to use.\n\n"
    "    -s, --server='':\n\tAddress and port of the API server.\n\n"
    "    --certificate-authority='', --client-certificate='', --client-key='':\n\tFiles for TLS.\n\n"
    "    --tls-server-name='', --insecure-skip-tls-verify=false:\n\tThe name in the server's certificate; or do not check it.\n\n"
    "    --token='', --username='', --password='':\n\tCredentials.\n\n"
    "    --as='', --as-group=[], --as-uid='':\n\tImpersonate a user.\n\n"
    "    --request-timeout='0':\n\tGive up a single request after this time (5, 30s, 1m). Zero: the program's own limits.\n\n"
    "    --disable-compression=false:\n\tAsk for uncompressed answers.\n";

std::string whole() {
  std::string out =
      "kubectl gwdoctor finds out why a request to a route does not reach its pods.\n\n"
      " It walks the chain from the outside in (load balancer, controller, class, Gateway or Ingress, route, Service, endpoints, "
      "pods,\n"
      " TLS), prints the root cause first with its evidence, and a fix that was tried on what it read. It only reads.\n\n"
      "Examples:\n"
      "  # Why does payments-api get no traffic?\n"
      "  kubectl gwdoctor route payments-api -n payments\n\n"
      "  # What does a code mean?\n"
      "  kubectl gwdoctor explain service-port-not-found\n\n"
      "Available Commands:\n";
  for (const Page& page : pages) {
    const std::string_view first = page.text.substr(0, page.text.find('\n'));
    out += fmt::format("  {:<10} {}\n", page.command, first);
  }
  out +=
      "\nExit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or input, 3 cluster not reached or credentials "
      "refused,\n"
      " 4 no finding but facts were missing, 70 a bug, 130 interrupted.\n\n"
      "Usage:\n  kubectl gwdoctor COMMAND [flags]\n\n"
      "Flags stand after the plugin's name. Use \"kubectl gwdoctor COMMAND --help\" for the flags of a command.\n";
  return out;
}

}  // namespace

std::string help_page(std::string_view command) {
  for (const Page& page : pages) {
    if (page.command != command) continue;
    std::string out = fmt::format("{}\nExamples:\n{}\n", page.text, page.examples);
    if (page.command == "trace") out += fmt::format("Options of the request:\n{}\n", trace_options);
    if (page.diagnoses) out += fmt::format("Options:\n{}\n{}\n", own_options, connection_options);
    return out + fmt::format("Usage:\n  kubectl gwdoctor {} [flags]\n", page.usage);
  }
  return whole();
}

}  // namespace gwdoctor
