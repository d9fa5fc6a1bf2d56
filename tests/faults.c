/* Errors of a disk, for tests/faults.py: LD_PRELOAD=faults.so python …

   After fault_arm(folder, code, calls), the calls that write below the folder fail with the error `code`,
   from the given number of calls on. fault_arm("", 0, 0) ends that. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[4096];
static int code;
static long left;
static long hits;

void fault_arm(const char *path, int error, long calls) {
    strncpy(folder, path, sizeof folder - 1);
    code = error;
    left = calls;
    hits = 0;
}

long fault_hits(void) { return hits; }

static int below(const char *path) { return code && strncmp(path, folder, strlen(folder)) == 0; }

static int fails(void) {
    if (__sync_sub_and_fetch(&left, 1) >= 0) return 0;
    __sync_add_and_fetch(&hits, 1);
    errno = code;
    return 1;
}

static int fails_at(int descriptor) {
    if (!code) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path) && fails();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int descriptor, const void *data, size_t count) {
    return fails_at(descriptor) ? -1 : REAL(write)(descriptor, data, count);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    return fails_at(descriptor) ? -1 : REAL(writev)(descriptor, parts, count);
}

ssize_t pwrite(int descriptor, const void *data, size_t count, off_t offset) {
    return fails_at(descriptor) ? -1 : REAL(pwrite)(descriptor, data, count, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t count, off64_t offset) {
    return fails_at(descriptor) ? -1 : REAL(pwrite64)(descriptor, data, count, offset);
}

int fsync(int descriptor) { return fails_at(descriptor) ? -1 : REAL(fsync)(descriptor); }

size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
    return fails_at(fileno(file)) ? 0 : REAL(fwrite)(data, size, count, file);
}

int fflush(FILE *file) { return file && fails_at(fileno(file)) ? EOF : REAL(fflush)(file); }

int rename(const char *from, const char *to) { return below(to) && fails() ? -1 : REAL(rename)(from, to); }

int mkdir(const char *path, mode_t mode) {
    return below(path) && fails() ? -1 : ((int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir"))(path, mode);
}
