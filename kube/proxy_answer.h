#pragma once
// Requests to Services and pods through the API server (kube-apiserver's proxy subresource).

#include <string>

#include "kube/source.h"
#include "kube/transport.h"

namespace gwdoctor {

// /api/v1/namespaces/NS/services/[SCHEME:]NAME:PORT/proxy/PATH of a proxy wish. "" where the names or the path cannot be sent so
// that the request asks for nothing else: dot segments, control characters, a fragment.
[[nodiscard]] std::string proxy_path(const Wish& wish);

// What the response to that request says: present with a ProxyAnswer, whether or not the backend was reached; unknown where the
// API server did not let the request through, with the permission (services/proxy or pods/proxy, get) where that is what is
// missing.
[[nodiscard]] Answer answer_of_proxy(const Result<HttpResponse>& response, const Wish& wish, Time now);

}  // namespace gwdoctor
