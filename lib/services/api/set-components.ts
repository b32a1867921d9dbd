import type { z } from "zod";
import type { Transaction } from "@/db/client";
import { type Statement, statementsOf } from "@/db/statement";
import type { Context } from "../context";
import { Unacceptable } from "../errors";
import { changeComponents } from "../skus/set-components";
import { unknownSku } from "./not-there";
import type { Answer } from "./route";
import type { componentSchema, componentsSchema } from "./schemas";

type ApiComponent = z.output<typeof componentSchema>;

/** Makes a SKU a bundle, or plain again, for another system, by the same core as a person does. */
export async function setComponentsByCode(
	tx: Transaction,
	ctx: Context,
	code: string,
	components: readonly ApiComponent[],
): Promise<Answer<z.output<typeof componentsSchema>>> {
	const run = statementsOf(tx);
	const ids = await readIds(run, [code, ...components.map(({ sku }) => sku)]);
	const skuId = ids.get(code);
	if (!skuId) throw unknownSku(code);
	const wanted = components.map(({ sku, units }) => {
		const id = ids.get(sku);
		if (!id) throw new Unacceptable(`There is no SKU ${sku}.`, "no_such_sku");
		return { skuId: id, units };
	});
	const { pendingChannelIds } = await changeComponents(tx, ctx, skuId, wanted);
	const by = (a: ApiComponent, b: ApiComponent) => (a.sku < b.sku ? -1 : 1);
	return {
		status: 200,
		body: { sku: code, isBundle: components.length > 0, components: [...components].sort(by) },
		pendingChannelIds,
	};
}

async function readIds(run: Statement, codes: readonly string[]): Promise<Map<string, string>> {
	const rows = await run<{ code: string; id: string }>`
		select code, id from skus where archived_at is null
			and code in (select jsonb_array_elements_text(${JSON.stringify(codes)}::text::jsonb))`;
	return new Map(rows.map(({ code, id }) => [code, id]));
}
