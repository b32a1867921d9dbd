import { hash, verify } from "@node-rs/argon2";

/** OWASP's first choice for argon2id (19 MiB, two passes), the library's default algorithm; 4 in parallel took 285 ms on two cores. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const passwordLimits = { min: 10, max: 256 };

/** A PHC string, which names its own cost: raising it later leaves old hashes readable. */
export const hashPassword = (password: string): Promise<string> => hash(password, cost);

let dummy: Promise<string> | undefined;

/** Null takes as long as a real hash and never fits: the answer's time must not tell whether an account exists. */
export async function passwordFits(passwordHash: string | null, password: string): Promise<boolean> {
	dummy ??= hashPassword("nobody has this password");
	const fits = await verify(passwordHash ?? (await dummy), password);
	return fits && passwordHash !== null;
}
