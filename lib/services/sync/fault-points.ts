/**
 * Named points at which a proof may kill the process (P5). In production nothing is armed and a point is one comparison.
 * Armed by ONECOUNT_KILL_AT="point:n": the n-th time that the point is reached, the process ends as by kill −9. Where a
 * point guards a commit or a request it stands on both sides of it, so that n chooses the side, too.
 */
export const faultPoints = ["verify", "inbox", "event", "apply", "claim", "push", "record"] as const;
export type FaultPoint = (typeof faultPoints)[number];

let armed: string | undefined;
let left = 0;

export function reachable(point: FaultPoint): void {
	if (point !== armed) return;
	left -= 1;
	if (left <= 0) process.kill(process.pid, "SIGKILL");
}

/** From now on, while the process runs. */
export function armFaultPoint(at: string): void {
	const [point, count] = at.split(":");
	armed = point;
	left = Number(count ?? 1);
}

if (process.env.ONECOUNT_KILL_AT) armFaultPoint(process.env.ONECOUNT_KILL_AT);
