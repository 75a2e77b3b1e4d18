/* Ditto's C interface: a file server for NFS clients inside your program. It is C11, usable from C++, and the only
 * binary interface that Ditto promises to keep: functions and constants stay, and structures grow at their end only.
 *
 * Handles. A `ditto_..._new...` function gives a handle and `ditto_..._free` takes it back. Freeing NULL does nothing;
 * freeing is the last call on a handle. All other calls on a handle may come from several threads at once.
 *
 * Errors. Functions that can fail return a status, DITTO_OK (0) or the kind of failure. Their last argument, which may
 * be NULL, receives an error object with a sentence for the user, to be freed with ditto_error_free(); on success it
 * receives NULL. Where a handle was to be made, the caller's variable is NULL after a failure.
 *
 * Texts are UTF-8, end with a NUL, and are copied during the call. Texts that functions return belong to the library.
 *
 * Options. A structure of options begins with its own size; its _INIT macro sets that and zeros the rest, and zero or
 * NULL means the default everywhere. A NULL pointer to options means defaults throughout.
 *
 * Processes. The library starts threads, which block all signals; it installs no signal handlers, reads no environment
 * variables and writes to no stream. There is no global state: any number of servers may run side by side. Do not use
 * handles in a child after fork(). */
#ifndef DITTO_DITTO_H
#define DITTO_DITTO_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define DITTO_API __attribute__((visibility("default")))
#else
#define DITTO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; ditto_version() tells the library's. */
#define DITTO_VERSION_MAJOR 0
#define DITTO_VERSION_MINOR 1
#define DITTO_VERSION_PATCH 0

/* "0.1.0" */
DITTO_API const char* ditto_version(void);

/* ---- errors ---- */

typedef int32_t ditto_status;
enum {
  DITTO_OK = 0,
  DITTO_INVALID_ARGUMENT = 1,      /* a value that cannot be right: NULL, a name, an address, an option */
  DITTO_OUT_OF_MEMORY = 2,         /* also: no more threads */
  DITTO_NOT_FOUND = 3,             /* a directory that should be there is not */
  DITTO_PERMISSION_DENIED = 4,     /* the system refuses access to a directory or a port */
  DITTO_ADDRESS_IN_USE = 5,        /* somebody else listens on the port */
  DITTO_ADDRESS_NOT_AVAILABLE = 6, /* not an address of this machine */
  DITTO_BUSY = 7,                  /* another process or server has the store */
  DITTO_EXISTS = 8,                /* the server has a share of that name */
  DITTO_WRONG_STATE = 9,           /* such as a second start, or a share for a server that runs */
  DITTO_UNSUPPORTED = 10,          /* a store, or an option, of a newer version */
  DITTO_CORRUPT = 11,              /* the store is damaged */
  DITTO_NO_SPACE = 12,             /* the disk is full */
  DITTO_IO = 13,                   /* the disk or the network failed */
  DITTO_TIMEOUT = 14,              /* not done by the deadline */
  DITTO_INTERNAL = 15              /* a mistake in Ditto */
};

typedef struct ditto_error ditto_error;

/* The status that came with the error; DITTO_OK for NULL. */
DITTO_API ditto_status ditto_error_code(const ditto_error* error);

/* One line that says what went wrong and often what helps, without a full stop at its end; "" for NULL. Valid until the
 * error is freed. */
DITTO_API const char* ditto_error_message(const ditto_error* error);

DITTO_API void ditto_error_free(ditto_error* error);

/* ---- stores: where files are kept ---- */

/* A store holds any number of shares and belongs to one server at a time. It may be freed as soon as the server has its
 * shares; it is closed when both are gone. */
typedef struct ditto_store ditto_store;

/* Opens the store in the directory `path`, which is created when absent (its parent must be there). One process at a
 * time may have a directory open: DITTO_BUSY names the other. What the server has acknowledged survives a crash of the
 * process and of the machine. */
DITTO_API ditto_status ditto_store_new_directory(const char* path, ditto_store** store, ditto_error** error);

/* Makes an empty store that ends with the process. */
DITTO_API ditto_status ditto_store_new_memory(ditto_store** store, ditto_error** error);

DITTO_API void ditto_store_free(ditto_store* store);

/* ---- servers ---- */

typedef struct ditto_server ditto_server;

/* DITTO_LOG_AUDIT: what access control lists want recorded, which comes at every level. */
enum { DITTO_LOG_DEBUG = 1, DITTO_LOG_INFO = 2, DITTO_LOG_WARN = 3, DITTO_LOG_ERROR = 4, DITTO_LOG_AUDIT = 5 };

/* Receives one line of the log: `length` bytes, without a newline, valid during the call. Called from the server's
 * threads, several at once; it must return soon and must not call back into the server. */
typedef void (*ditto_log_function)(void* user, uint32_t level, const char* line, size_t length);

/* Called exactly once, when `user` is not needed any more. */
typedef void (*ditto_release_function)(void* user);

typedef struct ditto_server_options {
  size_t struct_size;                 /* sizeof(ditto_server_options) */
  const char* listen;                 /* an IP address in digits; NULL: "127.0.0.1", which only this machine reaches */
  uint16_t nfs_port;                  /* TCP, NFS with MOUNT beside it; 0: any free port, see ditto_server_nfs_port() */
  uint16_t portmap_port;              /* TCP and UDP; 0: any free port */
  uint32_t portmap;                   /* not 0: run a portmapper, for clients that cannot be told ports */
  uint32_t threads;                   /* event loops, at most 256; 0: one */
  uint32_t pool_threads;              /* the most threads that wait for the disk, at most 1024; 0: four */
  uint32_t max_connections;           /* at most 1000000; 0: 4096 */
  uint32_t log_level;                 /* the least important lines wanted, DITTO_LOG_...; 0: DITTO_LOG_INFO */
  ditto_log_function log;             /* NULL: no log */
  void* log_user;                     /* handed to `log` */
  ditto_release_function log_release; /* NULL, or called with log_user when the server is freed or could not be made */
  uint64_t memory_budget;             /* bytes for what grows with use, at least 32 MiB; 0: 512 MiB */
  uint64_t verify_reads;              /* not 0: contents are compared with their checksums as they are read */
  uint64_t control;                   /* not 0: `nfsd --status --data DIR` can ask it, where DIR is its first store */
} ditto_server_options;

#define DITTO_SERVER_OPTIONS_INIT {sizeof(ditto_server_options), NULL, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0, 0}

/* Makes a server that does not listen yet. */
DITTO_API ditto_status ditto_server_new(const ditto_server_options* options, ditto_server** server,
                                        ditto_error** error);

enum {
  DITTO_SQUASH_ROOT = 0, /* user 0 and group 0 act as the anonymous user */
  DITTO_SQUASH_NONE = 1, /* everybody is who they say they are */
  DITTO_SQUASH_ALL = 2   /* everybody acts as the anonymous user */
};

enum {
  DITTO_DURABILITY_SYNC = 0, /* a power cut takes nothing that was answered */
  DITTO_DURABILITY_ASYNC = 1 /* a killed process takes nothing of it, a power cut the last moments */
};

typedef struct ditto_share_options {
  size_t struct_size;          /* sizeof(ditto_share_options) */
  uint32_t squash;             /* DITTO_SQUASH_... */
  uint32_t anonymous_uid;      /* 0: 65534 */
  uint32_t anonymous_gid;      /* 0: 65534 */
  uint32_t read_only;          /* not 0: every change is refused */
  uint32_t root_mode;          /* permissions of the top directory, when the share is new to the store; 0: 01777 */
  uint32_t root_uid;           /* its owner */
  uint32_t root_gid;           /* its group */
  uint32_t durability;         /* DITTO_DURABILITY_... */
  const char* const* networks; /* who may use it: addresses or blocks such as "192.0.2.0/24" */
  size_t network_count;        /* 0: everybody who reaches the port */
  uint64_t flush_interval_ms;  /* how long what no answer waits for stays unsynced; 0: 1000; at most 60000 */
  uint64_t no_delegations;     /* not 0: NFSv4 clients are given no delegations */
} ditto_share_options;

#define DITTO_SHARE_OPTIONS_INIT \
  {sizeof(ditto_share_options), 0, 0, 0, 0, 0, 0, 0, DITTO_DURABILITY_SYNC, NULL, 0, 0, 0}

/* Serves the tree `name` of `store` as "/name"; it is made, empty, when the store does not have it. Before
 * ditto_server_start(), or while the server runs. A name has 1 to 80 bytes and no slash. */
DITTO_API ditto_status ditto_server_add_share(ditto_server* server, const char* name, ditto_store* store,
                                              const ditto_share_options* options, ditto_error** error);

/* Serves the share no longer: clients' handles of it are stale, and what they hold in it is gone. Its store, unless it
 * is the first that the server was given, is let go of once the last request is done. Nothing of it is lost.
 * DITTO_NOT_FOUND: there is no such share. */
DITTO_API ditto_status ditto_server_remove_share(ditto_server* server, const char* name, ditto_error** error);

/* Listens, and serves on threads of its own; returns when clients can connect. A server starts once. */
DITTO_API ditto_status ditto_server_start(ditto_server* server, ditto_error** error);

/* The port that NFS and MOUNT are on, once started; before that, and for NULL, 0. */
DITTO_API uint16_t ditto_server_nfs_port(const ditto_server* server);

/* The portmapper's port; 0 when there is none. */
DITTO_API uint16_t ditto_server_portmap_port(const ditto_server* server);

/* Takes no more connections and requests, and waits up to `deadline_ms` until those being served are answered; then
 * closes what is left. DITTO_TIMEOUT: something was left; the server has stopped all the same. Stopping one that does
 * not run does nothing. */
DITTO_API ditto_status ditto_server_stop(ditto_server* server, uint32_t deadline_ms, ditto_error** error);

/* Stops the server, without waiting for requests, if it still runs. */
DITTO_API void ditto_server_free(ditto_server* server);

#ifdef __cplusplus
}
#endif

#endif
