// Somewhere to run a job later: an event loop (one thread) or the blocking pool (several). Knows nothing of sockets.
// post() may be called from any thread; jobs posted from one thread to a loop run in order.
#pragma once

#include <memory>
#include <utility>

namespace ditto {

/// A job as an intrusive node, so that posting allocates nothing: the poster owns it and keeps it alive until run() is
/// called.
struct Job {
  void (*run)(Job* self) = nullptr;
  Job* next = nullptr;
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// Runs `job` once, later, on a thread of this executor; never inside post().
  virtual void post(Job& job) = 0;
};

/// Posts a callable; allocates it. For control paths, not for each request.
template <class F>
void post(Executor& executor, F callable) {
  struct Owned : Job {
    explicit Owned(F f) : callable(std::move(f)) {}
    F callable;
  };
  auto owned = std::make_unique<Owned>(std::move(callable));
  owned->run = [](Job* self) {
    std::unique_ptr<Owned> mine(static_cast<Owned*>(self));
    mine->callable();
  };
  executor.post(*owned.release());
}

}  // namespace ditto
