/*
 * Preloaded into the server under test: counts fsync and fdatasync, and makes each of them slower, as a cloud disk
 * is. Both figures live in a shared file of two 64-bit numbers, so that they can be read and set while it runs:
 * the count, and the delay in microseconds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int (*sync_call)(int);

static uint64_t *figures;
static sync_call real_fsync;
static sync_call real_fdatasync;

__attribute__((constructor)) static void start(void) {
  real_fsync = (sync_call)dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = (sync_call)dlsym(RTLD_NEXT, "fdatasync");
  const char *path = getenv("FSYNC_FIGURES");
  int file = path == NULL ? -1 : open(path, O_RDWR);
  if (file < 0) return;
  void *mapped = mmap(NULL, 2 * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) figures = mapped;
  close(file);
}

static int counted(sync_call real, int file) {
  if (figures != NULL) {
    __atomic_add_fetch(&figures[0], 1, __ATOMIC_RELAXED);
    uint64_t delay = __atomic_load_n(&figures[1], __ATOMIC_RELAXED);
    if (delay > 0) usleep((useconds_t)delay);
  }
  return real(file);
}

int fsync(int file) { return counted(real_fsync, file); }
int fdatasync(int file) { return counted(real_fdatasync, file); }
