import { z } from "zod";

/** As it is kept and compared: trimmed, lower case. ASCII only, so that no look-alike letter makes a second account. */
export const emailSchema = z
	.string()
	.trim()
	.toLowerCase()
	.max(254, "This e-mail address is too long.")
	.pipe(z.email("This is not an e-mail address. It should look like jana@example.com."));
