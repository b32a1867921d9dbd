import NextAuth from "next-auth";
import { authConfig } from "./config";

export { CredentialsSignin } from "@auth/core/errors";

/** Made at the first request: a build has no database. */
export const { handlers, auth, signIn, signOut } = NextAuth(() => authConfig());
