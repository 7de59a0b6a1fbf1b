class KubectlGwdoctor < Formula
  desc "Troubleshoots Kubernetes Ingress and Gateway API routing from outside in"
  homepage "https://github.com/gwdoctor/kubectl-gwdoctor"
  url "https://github.com/gwdoctor/kubectl-gwdoctor.git",
      tag: "v0.1.0"
  license "Apache-2.0"
  head "https://github.com/gwdoctor/kubectl-gwdoctor.git", branch: "main"

  depends_on "cli11" => :build
  depends_on "cmake" => :build
  depends_on "nlohmann-json" => :build
  depends_on "pkgconf" => :build
  depends_on "tl-expected" => :build
  depends_on "c-ares"
  depends_on "curl"
  depends_on "fmt"
  depends_on "libidn2"
  depends_on "libyaml"
  depends_on "openssl@3"
  depends_on "re2"

  def install
    system "cmake", "-S", ".", "-B", "build", "-DGWDOCTOR_TESTS=OFF", "-DGWDOCTOR_WERROR=OFF",
           "-DGWDOCTOR_FAST_TOOLS=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    # The Service offers 80; the route asks for the port on which the container listens.
    (testpath/"broken.yaml").write <<~YAML
      apiVersion: v1
      kind: Service
      metadata:
        name: shop
        namespace: shop
      spec:
        selector:
          app: shop
        ports:
          - name: http
            port: 80
            targetPort: 3000
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata:
        name: shop
        namespace: shop
      spec:
        parentRefs:
          - name: web
        rules:
          - backendRefs:
              - name: shop
                port: 3000
    YAML
    diagnosis = shell_output("#{bin}/kubectl-gwdoctor route shop -n shop --from broken.yaml", 1)
    assert_match "service-port-not-found", diagnosis

    # Nothing answers there: the exit code says that there is no verdict.
    no_cluster = "--server https://127.0.0.1:1 --token none --insecure-skip-tls-verify"
    shell_output("#{bin}/kubectl-gwdoctor route shop -n shop #{no_cluster} 2>&1", 3)
  end
end
