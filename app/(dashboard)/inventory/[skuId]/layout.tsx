import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { requireMember } from "@/lib/auth/gate";
import { isSkuHere } from "@/lib/services/skus/is-sku-here";

/** Before the skeleton: once that is on its way the answer is 200, whatever the page finds. */
export default async function SkuLayout({
	params,
	children,
}: {
	params: Promise<{ skuId: string }>;
	children: ReactNode;
}) {
	const [member, { skuId }] = await Promise.all([requireMember(), params]);
	if (!(await isSkuHere(member, skuId))) notFound();
	return children;
}
