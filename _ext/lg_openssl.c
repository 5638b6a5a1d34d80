/* lg_openssl.c: finds OpenSSL's functions through the `_ssl` module that uses them.
 *
 * dlsym on a loaded module looks into the libraries that it is linked with, in their order:
 * whatever file OpenSSL lies in, ours is the one that `_ssl` has.
 */
#include "lg_openssl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#define OLDEST UINT64_C(0x10101000) /* 1.1.1; LibreSSL calls itself 2.0.0 */
#define TWO UINT64_C(0x20000000)    /* numbers are 0xMNNFFPPS before 3.0, 0xMNN00PP0 since */
#define THREE UINT64_C(0x30000000)  /* 3.0.0 */
#define NOT_KNOWN UINT64_C(0x40000000) /* 4.0.0 */

struct function {
    const char *name;
    size_t offset;
};

struct lg_openssl lg_openssl;

#define ENTRY(result, name, arguments) {#name, offsetof(struct lg_openssl, name)},

static const struct function functions[] = {LG_OPENSSL_FUNCTIONS(ENTRY)};

_Static_assert(sizeof(struct lg_openssl) ==
                   sizeof functions / sizeof *functions * sizeof(void *),
               "the table has every function");

static int
resolve(void *handle, const char **missing)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *address = dlsym(handle, functions[i].name);
        if (address == NULL) {
            *missing = functions[i].name;
            return LG_E_INVALID;
        }
        memcpy((char *)&lg_openssl + functions[i].offset, &address, sizeof address);
    }
    uint64_t version = lg_openssl.OpenSSL_version_num();
    bool known =
        (version >= OLDEST && version < TWO) || (version >= THREE && version < NOT_KNOWN);
    if (!known) {
        return LG_E_INVALID;
    }
    lg_openssl.OPENSSL_init_ssl(0, NULL); /* loads the texts of its errors, too */
    return LG_OK;
}

int
lg_openssl_load(const char *ssl_module, const char **missing)
{
    *missing = NULL;
    void *handle = dlopen(ssl_module, RTLD_NOW | RTLD_NOLOAD);
    if (handle == NULL) {
        return LG_E_SYSTEM;
    }
    int status = resolve(handle, missing);
    dlclose(handle); /* the interpreter never unloads the module itself */
    return status;
}
