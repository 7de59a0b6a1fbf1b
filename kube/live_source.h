#pragma once
// Facts from a live cluster: every batch of wishes is one round of parallel requests.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/discovery.h"
#include "kube/source.h"
#include "kube/transport.h"

namespace gwdoctor {

struct LiveOptions {
  // False drops metadata.managedFields of list items while they are read: a scan of a large cluster needs the memory.
  bool keep_managed_fields = true;
  // How many objects a page of a list holds: kubectl's chunk size.
  int page_size = 500;
};

class LiveSource final : public Source {
 public:
  LiveSource(std::shared_ptr<Transport> transport, LiveOptions options = {});

  // The first call asks discovery too, in the same round. Further rounds follow only for the next pages of lists
  // and for kinds that are not served in their preferred version.
  [[nodiscard]] std::vector<Answer> fill(const std::vector<Wish>& wishes) override;
  [[nodiscard]] Time now() const override;
  [[nodiscard]] Stats stats() const override { return stats_; }

  // Set where not one request of the first round got an answer, or the credentials were refused in it: unreachable
  // or unauthorized, for exit code 3. What was asked is then unknown.
  [[nodiscard]] const std::optional<Error>& fatal() const { return fatal_; }

 private:
  struct Job;
  void run(std::vector<Job>& jobs);
  [[nodiscard]] std::vector<Result<HttpResponse>> send(const std::vector<HttpRequest>& requests);
  [[nodiscard]] std::vector<HttpRequest> start_discovery(std::size_t& questions);
  void take_discovery(const std::vector<Result<HttpResponse>>& answers);
  void judge_first_round(const std::vector<Result<HttpResponse>>& answers);
  [[nodiscard]] HttpRequest request_of(const Job& job) const;
  void take(Job& job, const Result<HttpResponse>& answer) const;
  void take_object(Job& job, const HttpResponse& response) const;
  void take_page(Job& job, const HttpResponse& response) const;
  // Settles what can be settled without a request: nothing is asked of a kind that is known not to be served.
  void settle_by_discovery(Job& job) const;
  void settle_not_served(Job& job, Answer answer) const;

  std::shared_ptr<Transport> transport_;
  LiveOptions options_;
  Discovery discovery_;
  bool discovered_ = false;
  int discovery_tries_ = 0;
  Stats stats_;
  std::optional<Error> fatal_;
};

// The path and query of a wish at a version: /apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME, or of one page of a list.
// Names and selectors are percent-encoded. `continue_token` "" asks for the first page.
[[nodiscard]] std::string request_path(const Wish& wish, std::string_view version, int page_size,
                                       std::string_view continue_token);

// Whether an object can have this name at all (ValidatePathSegmentName of apimachinery): no "", ".", "..", "/" or "%".
[[nodiscard]] bool is_path_segment(std::string_view name);

}  // namespace gwdoctor
