#pragma once
// Takes out of a document what must never be kept, the moment it arrives, whatever the source.

#include "kube/value.h"

namespace gwdoctor {

// Changes `document` in place:
// - A Secret keeps its type, the names of its keys, and the public tls.crt and ca.crt. Every other value under data
//   (and stringData, which is folded into data) becomes "" where it was empty and "REDACTED" otherwise. The member
//   "gwdoctorKey" says what tls.key was: absent, empty, matches, differs, unparsable, unknown. The private key
//   itself is compared and wiped from memory. The last-applied-configuration annotation is dropped.
//   A Secret that was redacted before is left as it is.
// - A Pod or the template of a workload loses the literal values of its environment variables and the arguments'
//   values that follow a flag whose name speaks of a password, token, secret or key.
// - A route's filters lose the values of headers that they set or add, where the header carries credentials
//   (kube/sensitive.h). What a match compares stays: it decides who serves a request.
// - A ConfigMap keeps the names of its keys, the values of the few that are read (settings of controllers), and the certificates
//   of a ca.crt. Every other value becomes "REDACTED".
// - A Middleware of Traefik's loses the values of headers that carry credentials, and the values of any that is for a plugin.
// - A last-applied-configuration annotation of any kind is dropped: it repeats the above.
void redact(Value& document);

}  // namespace gwdoctor
