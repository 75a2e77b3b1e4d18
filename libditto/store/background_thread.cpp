#include "store/background_thread.hpp"

#include <pthread.h>
#include <signal.h>

namespace ditto::store {

std::thread start_background_thread(const char* name, void (*run)(void* self), void* self) {
  // What a thread brings upon itself stays its own.
  sigset_t blocked;
  sigfillset(&blocked);
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) sigdelset(&blocked, own);
  struct Masked {
    explicit Masked(const sigset_t& mask) { pthread_sigmask(SIG_SETMASK, &mask, &before); }
    ~Masked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
    sigset_t before{};
  } masked(blocked);
  std::thread thread([run, self] { run(self); });
  pthread_setname_np(thread.native_handle(), name);
  return thread;
}

}  // namespace ditto::store
