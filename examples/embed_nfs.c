/* Serves a directory to NFS clients from a program in C: embed_nfs [DIRECTORY]. Enter (or the end of its input) stops
 * it. */
#include <ditto/ditto.h>
#include <stdio.h>

int main(int argc, char** argv) {
  ditto_store* store = NULL;
  ditto_server* server = NULL;
  ditto_error* error = NULL;
  int status = ditto_store_new_directory(argc > 1 ? argv[1] : "ditto-data", &store, &error);
  if (!status) status = ditto_server_new(NULL, &server, &error);
  if (!status) status = ditto_server_add_share(server, "export", store, NULL, &error);
  if (!status) status = ditto_server_start(server, &error);
  if (!status) {
    unsigned port = ditto_server_nfs_port(server);
    printf("nfs-ls 'nfs://127.0.0.1/export?nfsport=%u&mountport=%u'\n", port, port);
    fflush(stdout);
    getchar();
    status = ditto_server_stop(server, 5000, &error);
  }
  if (status) fprintf(stderr, "embed_nfs: %s\n", ditto_error_message(error));
  ditto_error_free(error);
  ditto_server_free(server);
  ditto_store_free(store);
  return status ? 1 : 0;
}
