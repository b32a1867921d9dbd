import type { OrderSnapshot } from "@/lib/stock/order";

export type HeardOrder = {
	order: OrderSnapshot;
	inboxId: number;
	/** Read live from the platform by us: where stamps can't tell two states apart, it wins over a webhook's. */
	isLiveRead: boolean;
	/** Read by id after news of this very stamp left it unclear: it wins over whatever was heard under that stamp. */
	isAnswer?: boolean;
};
