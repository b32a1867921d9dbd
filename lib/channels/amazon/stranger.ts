/** Answers that are none of Amazon's: a proxy's, a firewall's, another site's. */

/** Amazon's login and API speak JSON alone; of nothing, or of half an answer, nobody can say whose it is. */
export const isStrange = (text: string): boolean => /^\s*[^\s{]/.test(text);

export const strangerFix =
	"Choose the marketplace again. If it is right, something between this server and Amazon answers in its place: look at the server's proxy or firewall.";
