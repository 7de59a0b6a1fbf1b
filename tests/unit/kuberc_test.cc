#include "kube/kuberc.h"

#include <doctest/doctest.h>

#include "tests/unit/temporary.h"

using namespace gwdoctor;

namespace {

constexpr std::string_view head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";

Result<PluginPolicy> parse(std::string_view fields) { return parse_kuberc(std::string(head) + std::string(fields), "kuberc"); }

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("without a policy every plugin may run") {
  CHECK(parse("aliases: []\n")->kind == PluginPolicy::Kind::allow_all);
  CHECK(parse("credentialPluginPolicy: ''\n")->kind == PluginPolicy::Kind::allow_all);
  CHECK(parse("credentialPluginPolicy: AllowAll\n")->kind == PluginPolicy::Kind::allow_all);
}

TEST_CASE("an allowlist names commands in the field of today and in that of the first release") {
  const auto policy =
      parse("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: aws}, {name: /bin/login}]\n");
  REQUIRE(policy);
  CHECK(policy->allowed == std::vector<std::string>{"aws", "/bin/login"});
}

TEST_CASE("a policy that is not understood lets nothing run") {
  for (const char* fields : {
           "credentialPluginPolicy: Denyall\n",
           "credentialPluginPolicy: no\n",
           "credentialPluginPolicy: Allowlist\n",
           "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []\n",
           "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: aws\n",
           "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{}]\n",
           "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: on}]\n",
           "credentialPluginPolicy: DenyAll\ncredentialPluginAllowlist: [{name: aws}]\n",
           "credentialPluginAllowlist: [{name: aws}]\n",
           "a: [\n",
       }) {
    CAPTURE(fields);
    const auto policy = parse(fields);
    REQUIRE_FALSE(policy);
    CHECK(contains(policy.error().message, "kuberc:"));
    CHECK(contains(policy.error().message, "no credential plugin runs"));
  }
  CHECK(contains(parse("credentialPluginPolicy: Denyall\n").error().message, "kuberc:3:"));
}

TEST_CASE("a file that is no Preference lets nothing run") {
  CHECK_FALSE(parse_kuberc("credentialPluginPolicy: DenyAll\n", "kuberc"));
  CHECK_FALSE(parse_kuberc("[]\n", "kuberc"));
}

TEST_CASE("the policy is read from the home directory, from KUBERC, or not at all") {
  const TemporaryDirectory directory;
  Environment environment = directory.environment();
  CHECK(load_plugin_policy(environment)->kind == PluginPolicy::Kind::allow_all);
  directory.write("home/.kube/kuberc", std::string(head) + "credentialPluginPolicy: DenyAll\n");
  CHECK(load_plugin_policy(environment)->kind == PluginPolicy::Kind::deny_all);
  environment.variables["KUBERC"] = directory.write("other", std::string(head));
  CHECK(load_plugin_policy(environment)->kind == PluginPolicy::Kind::allow_all);
  environment.variables["KUBERC"] = directory.path("nofile");
  CHECK_FALSE(load_plugin_policy(environment));
  environment.variables["KUBERC"] = "off";
  CHECK(load_plugin_policy(environment)->kind == PluginPolicy::Kind::allow_all);
  environment.variables.erase("KUBERC");
  environment.variables["KUBECTL_KUBERC"] = "false";
  CHECK(load_plugin_policy(environment)->kind == PluginPolicy::Kind::allow_all);
}

TEST_CASE("DenyAll stops every plugin and names the file") {
  const auto allowed = check_plugin({PluginPolicy::Kind::deny_all, {}, "/home/me/.kube/kuberc"}, "aws", "/bin/aws", "/bin");
  REQUIRE_FALSE(allowed);
  CHECK(allowed.error().message ==
        "credential plugin \"aws\" is not allowed to run: credentialPluginPolicy is DenyAll in /home/me/.kube/kuberc");
}

TEST_CASE("an allowlist entry matches as written or by the program that it leads to") {
  const TemporaryDirectory directory;
  const std::string login = directory.script("bin/login", "exit 0");
  const std::string search = directory.path("bin");
  const auto allows = [&](const std::string& entry, const std::string& command) {
    const PluginPolicy policy{PluginPolicy::Kind::allow_list, {entry}, "kuberc"};
    return check_plugin(policy, command, find_program(command, search), search).has_value();
  };
  CHECK(allows("login", "login"));
  CHECK(allows(login, "login"));
  CHECK(allows("login", login));
  CHECK(allows(directory.path("bin/../bin/login"), "login"));
  CHECK(allows("absent", "absent"));
  CHECK_FALSE(allows("other", "login"));
  CHECK_FALSE(allows("./login", "login"));
  CHECK_FALSE(allows("log", "login"));
  const std::string impostor = directory.script("elsewhere/login", "exit 0");
  CHECK_FALSE(allows("login", impostor));
}
