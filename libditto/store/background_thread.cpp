#include "store/background_thread.hpp"

#include <pthread.h>
#include <signal.h>
#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

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

void let_others_go_first() noexcept {
#ifdef __linux__
  // Of this thread alone, which is Linux's own reading of it. It may still use all that others leave.
  constexpr int a_third_of_the_usual_share = 5;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), a_third_of_the_usual_share);
#endif
}

}  // namespace ditto::store
