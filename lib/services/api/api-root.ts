/** Where the public API lives. Within a version answers may gain fields; nothing is taken away or renamed. */
export const apiRoot = "/api/v1";
