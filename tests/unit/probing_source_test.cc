#include <doctest/doctest.h>

#include <future>

#include "kube/observation.h"
#include "net/probing_source.h"

using namespace gwdoctor;

namespace {

const Wish dns_wish = wish_of(DnsQuestion{"pay.example", ""});
const Wish tcp_wish = wish_of(TcpQuestion{"203.0.113.10", 443});
const Wish proxy_wish = wish_of(ProxyQuestion{Kind::service, "a", "b", "80", "", "/"});
const Wish service_wish{Wish::What::object, Kind::service, "a", "b", {}, {}};

// Answers everything absent, and remembers the batches.
class Objects final : public Source {
 public:
  std::vector<Answer> fill(const std::vector<Wish>& wishes) override {
    batches.push_back(wishes);
    Answer absent;
    absent.state = State::absent;
    return std::vector<Answer>(wishes.size(), absent);
  }
  [[nodiscard]] Time now() const override { return Time{}; }
  std::vector<std::vector<Wish>> batches;
};

Answer present() {
  Answer out;
  out.state = State::present;
  return out;
}

// The network: answers when it is let go.
struct Network {
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  std::mutex mutex;
  std::vector<Wish> asked;

  std::vector<Answer> observe(const std::vector<Wish>& wishes) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      asked.insert(asked.end(), wishes.begin(), wishes.end());
    }
    open.wait();
    return std::vector<Answer>(wishes.size(), present());
  }
};

struct World {
  Network network;
  std::shared_ptr<std::atomic<bool>> stop = std::make_shared<std::atomic<bool>>(false);
  Objects* objects = nullptr;
  std::unique_ptr<ProbingSource> source;

  explicit World(const std::atomic<bool>* signalled = nullptr) {
    auto inner = std::make_unique<Objects>();
    objects = inner.get();
    source = std::make_unique<ProbingSource>(
        std::move(inner), [this](const std::vector<Wish>& wishes) { return network.observe(wishes); }, stop, signalled);
  }
};

}  // namespace

TEST_CASE("objects do not wait for the network") {
  World world;
  const std::vector<Answer> answers = world.source->fill({dns_wish, service_wish});
  CHECK(answers[0].state == State::wanted);
  CHECK(answers[1].state == State::absent);
  world.network.gate.set_value();
}

TEST_CASE("where only the network is left to ask, it is waited for") {
  World world;
  (void)world.source->fill({dns_wish, service_wish});
  std::thread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    world.network.gate.set_value();
  });
  const std::vector<Answer> answers = world.source->fill({dns_wish});
  opener.join();
  CHECK(answers[0].state == State::present);
  CHECK(world.objects->batches.size() == 1);
}

TEST_CASE("a question under way is not asked again, a new one starts at once") {
  World world;
  (void)world.source->fill({dns_wish, service_wish});
  (void)world.source->fill({dns_wish, tcp_wish, service_wish});
  world.network.gate.set_value();
  const std::vector<Answer> answers = world.source->fill({tcp_wish, dns_wish});
  CHECK(answers[0].state == State::present);
  CHECK(answers[1].state == State::present);
  CHECK(world.network.asked.size() == 2);
}

TEST_CASE("a request through the API server waits until no object is asked for") {
  World world;
  world.network.gate.set_value();
  const std::vector<Answer> first = world.source->fill({proxy_wish, service_wish});
  CHECK(first[0].state == State::wanted);
  const std::vector<Answer> second = world.source->fill({proxy_wish, dns_wish});
  CHECK(second[0].state == State::absent);
  CHECK(second[1].state == State::present);
  CHECK(world.objects->batches == std::vector<std::vector<Wish>>{{service_wish}, {proxy_wish}});
}

TEST_CASE("an observer that throws, or answers too little, leaves an unknown") {
  auto stop = std::make_shared<std::atomic<bool>>(false);
  ProbingSource throws(
      std::make_unique<Objects>(),
      [](const std::vector<Wish>&) -> std::vector<Answer> { throw std::runtime_error("no sockets"); }, stop);
  const std::vector<Answer> answers = throws.fill({dns_wish});
  CHECK(answers[0].state == State::unknown);
  CHECK(answers[0].why.message == "it could not be observed: no sockets");
  ProbingSource meagre(
      std::make_unique<Objects>(), [](const std::vector<Wish>&) { return std::vector<Answer>{}; }, stop);
  CHECK(meagre.fill({dns_wish})[0].state == State::unknown);
}

TEST_CASE("a signal stops the probes that somebody waits for") {
  std::atomic<bool> signalled{true};
  auto stop = std::make_shared<std::atomic<bool>>(false);
  ProbingSource source(
      std::make_unique<Objects>(),
      [stop](const std::vector<Wish>& wishes) {
        while (!*stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return std::vector<Answer>(wishes.size());
      },
      stop, &signalled);
  CHECK(source.fill({dns_wish})[0].state == State::unknown);
  CHECK(*stop);
}

TEST_CASE("destruction stops what still runs") {
  auto stop = std::make_shared<std::atomic<bool>>(false);
  std::atomic<bool> ended{false};
  {
    ProbingSource source(
        std::make_unique<Objects>(),
        [&](const std::vector<Wish>& wishes) {
          while (!*stop) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          ended = true;
          return std::vector<Answer>(wishes.size());
        },
        stop);
    (void)source.fill({dns_wish, service_wish});
  }
  CHECK(ended);
}
