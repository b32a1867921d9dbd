import type { Statement } from "@/db/statement";
import { formatNumber } from "@/lib/format/number";
import { NotFound, Unacceptable } from "../errors";

export type Component = { skuId: string; units: number };

/** What a bundle may hold at most; more is likely a typing error. */
export const mostComponents = 50;
export const mostUnitsEach = 10_000;

type Sku = {
	id: string;
	code: string;
	is_archived: boolean;
	/** What it is made of, and what is made of it: codes with counts. */
	parts: { id: string; code: string; units: number }[] | null;
	holders: string[] | null;
};

type OwnStock = { location: string; on_hand: number; reserved: number };

/**
 * Throws where a SKU can't be made of these, in a sentence that names them. A bundle is made of SKUs that are counted
 * themselves: a component that is a bundle is refused, and so is a bundle that is a component, so that no chain of any
 * length can close to a loop. Call it with the bundle's row locked. Returns the codes by id.
 */
export async function refuseComponents(
	run: Statement,
	skuId: string,
	wanted: readonly Component[],
): Promise<Map<string, string>> {
	const skus = await readSkus(run, [skuId, ...wanted.map((one) => one.skuId)]);
	const bundle = skus.get(skuId);
	if (!bundle) throw new NotFound("SKU");
	if (wanted.length > mostComponents)
		refuse(`${bundle.code} would be made of ${wanted.length} SKUs; a bundle has up to ${mostComponents}.`);
	const seen = new Set<string>();
	for (const { skuId: id, units } of wanted) {
		const part = skus.get(id);
		if (!part) throw new NotFound("component");
		refusePart(bundle, part, units);
		if (seen.has(id))
			refuse(`${part.code} is there twice: put it in once, with a count of ${sumOf(wanted, id)}.`, "component_twice");
		seen.add(id);
	}
	if (wanted.length > 0) {
		if (bundle.holders?.length)
			refuse(
				`${bundle.code} is a component of ${bundle.holders.join(" and ")}, and a bundle can't be inside of another. Take it out there first, or put what it is made of in its place.`,
				"bundle_in_bundle",
			);
		// A bundle may have been given back what was sold of it while it was plain.
		if (!bundle.parts) refuseOwnStock(bundle, await readOwnStock(run, skuId));
	}
	return new Map([...skus].map(([id, { code }]) => [id, code]));
}

function refusePart(bundle: Sku, part: Sku, units: number): void {
	if (part.id === bundle.id) refuse(`${bundle.code} can't be made of itself.`, "component_loop");
	if (part.is_archived) refuse(`${part.code} is archived. Choose a SKU that is sold.`);
	if (!Number.isInteger(units) || units < 1)
		refuse(`${part.code} × ${units}: a component counts one unit or more, in whole units. To leave it out, remove it.`);
	if (units > mostUnitsEach)
		refuse(
			`${part.code} × ${formatNumber(units)} is likely a typing error: a component counts up to ${formatNumber(mostUnitsEach)}.`,
		);
	if (!part.parts) return;
	if (part.parts.some(({ id }) => id === bundle.id))
		refuse(
			`${bundle.code} can't be made of ${part.code}: ${part.code} is made of ${bundle.code}, and each would wait for the other.`,
			"component_loop",
		);
	const inside = part.parts.map((one) => `${one.units * units} × ${one.code}`).join(" and ");
	refuse(
		`${part.code} is a bundle itself, and a bundle can't be inside of another. Put in what it is made of: ${inside}.`,
		"bundle_in_bundle",
	);
}

function refuseOwnStock(bundle: Sku, stock: readonly OwnStock[]): void {
	if (stock.length === 0) return;
	const held = stock.map(({ location, on_hand, reserved }) => {
		const also = reserved === 0 ? "" : `, ${formatNumber(reserved)} of them reserved`;
		return `${formatNumber(on_hand)} on hand at ${location}${also}`;
	});
	refuse(
		`${bundle.code} has stock of its own: ${held.join("; ")}. A bundle is counted by what it is made of: set ${bundle.code} to 0 there first and count its units with the components, or make a new SKU for the bundle.`,
		"has_stock",
	);
}

const sumOf = (wanted: readonly Component[], id: string) =>
	wanted.reduce((sum, one) => sum + (one.skuId === id ? one.units : 0), 0);

function refuse(sentence: string, reason = "bad_components"): never {
	throw new Unacceptable(sentence, reason);
}

async function readSkus(run: Statement, ids: readonly string[]): Promise<Map<string, Sku>> {
	const rows = await run<Sku>`
		select k.id, k.code, k.archived_at is not null as is_archived,
			(select jsonb_agg(jsonb_build_object('id', p.id, 'code', p.code, 'units', c.units) order by p.code)
				from sku_components c join skus p on p.id = c.component_id where c.bundle_id = k.id) as parts,
			(select jsonb_agg(b.code order by b.code) from sku_components c join skus b on b.id = c.bundle_id where c.component_id = k.id) as holders
		from skus k where k.id in (select value::uuid from jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`;
	return new Map(rows.map((row) => [row.id, row]));
}

const readOwnStock = (run: Statement, skuId: string) =>
	run<OwnStock>`
		select o.name as location, l.on_hand, l.reserved from levels l join locations o on o.id = l.location_id
		where l.sku_id = ${skuId}::uuid and (l.on_hand <> 0 or l.reserved <> 0) order by o.name`;
