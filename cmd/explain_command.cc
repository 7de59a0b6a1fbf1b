#include <fmt/format.h>

#include <array>

#include "chain/nearest.h"
#include "checks/check.h"
#include "cmd/output.h"
#include "cmd/run.h"

namespace gwdoctor {

namespace {

constexpr std::array layers{Layer::dns,       Layer::loadbalancer, Layer::controller, Layer::klass, Layer::ingress,
                            Layer::gateway,   Layer::tls,          Layer::route,      Layer::grant, Layer::service,
                            Layer::endpoints, Layer::pods,         Layer::policy};

std::string catalogue() {
  std::size_t width = 0;
  for (const Check* check : all_checks()) width = std::max(width, check->code.size());
  std::string out;
  for (const Layer layer : layers) {
    std::string rows;
    for (const Check* check : all_checks()) {
      if (check->layer == layer)
        rows += fmt::format("  {:<{}}  {:<7}  {}\n", check->code, width, severity_name(check->severity), check->title);
    }
    if (!rows.empty()) out += fmt::format("{}{}\n{}", out.empty() ? "" : "\n", layer_name(layer), rows);
  }
  return out + "\nkubectl gwdoctor explain CODE prints the page of one.\n";
}

}  // namespace

Exit run_explain(const Options& options) {
  if (options.names.empty()) {
    print_text(catalogue());
    return Exit::ok;
  }
  const std::string& code = options.names.front();
  const Check* check = find_check(code);
  if (check == nullptr) {
    std::vector<std::string> all;
    for (const Check* one : all_checks()) all.emplace_back(one->code);
    const std::optional<std::string> meant = nearest(code, all);
    return report_error({ErrorKind::usage, fmt::format("error: there is no finding \"{}\"{}\nkubectl gwdoctor explain lists all",
                                                       code, meant ? fmt::format(", did you mean {}?", *meant) : "")});
  }
  print_text(std::string(check_page(code)));
  return Exit::ok;
}

}  // namespace gwdoctor
