#include "report/rank.h"

#include <array>
#include <string_view>
#include <tuple>

namespace gwdoctor {

namespace {

constexpr Seconds recent{3600};

struct Key {
  int breaks;     // 0 all, 1 some, 2 none
  int severity;   // 0 error
  int certainty;  // 0 proved
  int restores;   // 0 all
  int explains;   // fewer than others: higher
  int layer;
  int age;  // 0 changed within the last hour
  std::string_view code;
  std::string name;

  [[nodiscard]] auto tie() const { return std::tie(breaks, severity, certainty, restores, explains, layer, age, code, name); }
};

Key key_of(const Standing& standing) {
  const Argued& argued = *standing.argued;
  const Finding& finding = argued.finding;
  Key key;
  key.breaks = standing.broken_streams == 0                  ? (finding.impact == Impact::none ? 2 : 1)
               : standing.broken_streams == standing.streams ? 0
                                                             : 1;
  key.severity = 2 - static_cast<int>(finding.severity);
  key.certainty = static_cast<int>(finding.certainty);
  const bool verified = argued.trial && argued.trial->verified.value_or(false);
  key.restores = verified ? 2 - static_cast<int>(argued.trial->restores) : 2;
  key.explains = -static_cast<int>(standing.explained);
  key.layer = layer_order(finding.check->layer);
  key.age = argued.changed && standing.now - argued.changed->time < recent ? 0 : 1;
  key.code = finding.check->code;
  key.name = finding.object.text() + " " + finding.path + " " + finding.message;
  return key;
}

}  // namespace

int layer_order(Layer layer) {
  // A certificate is met before the route is chosen, so tls comes early.
  constexpr std::array order{Layer::dns,     Layer::loadbalancer, Layer::tls,   Layer::controller, Layer::klass,
                             Layer::gateway, Layer::ingress,      Layer::route, Layer::grant,      Layer::policy,
                             Layer::service, Layer::endpoints,    Layer::pods};
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (order[at] == layer) return static_cast<int>(at);
  }
  return static_cast<int>(order.size());
}

bool before(const Standing& left, const Standing& right) { return key_of(left).tie() < key_of(right).tie(); }

std::string rank_reason(const Standing& standing, const Standing* next) {
  const Key mine = key_of(standing);
  const Argued& argued = *standing.argued;
  const std::string breaks = argued.breaks.empty() ? "a risk: nothing is broken yet" : "breaks " + argued.breaks;
  if (next == nullptr) return breaks;
  const Key other = key_of(*next);
  if (mine.breaks != other.breaks) return breaks;
  if (mine.severity != other.severity) return "more severe than what follows";
  if (mine.certainty != other.certainty)
    return mine.certainty == 0 ? "proved, whatever the controller does" : "observed, not only likely";
  if (mine.restores != other.restores) return "its fix restores more than those that follow";
  if (mine.explains != other.explains) return "explains more than those that follow";
  if (mine.layer != other.layer) return breaks + ", and a request meets it first";
  if (mine.age != other.age) return breaks + ", and changed within the last hour";
  return breaks;
}

}  // namespace gwdoctor
