/** What the sign-in library calls the session's cookie, over http and over https. */
export const sessionCookies = ["authjs.session-token", "__Secure-authjs.session-token"] as const;
