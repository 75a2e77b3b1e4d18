/* Loaded before libc (LD_PRELOAD): syncs of files in a folder named journal fail once the file that FAILING_SYNC names
 * is there. What a disk does that is about to die, for a program that knows nothing of it. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
  const char* when = getenv("FAILING_SYNC");
  char link[64], path[4096];
  if (when == NULL || access(when, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return strstr(path, "/journal/") != NULL;
}

static int sync_or_fail(const char* name, int fd) {
  if (fails(fd)) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, name);
  return real(fd);
}

__attribute__((visibility("default"))) int fsync(int fd) { return sync_or_fail("fsync", fd); }
__attribute__((visibility("default"))) int fdatasync(int fd) { return sync_or_fail("fdatasync", fd); }
