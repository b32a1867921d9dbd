/**
 * How a platform lets its quantities be written: compared with what is expected, by difference, absolutely and blindly, or
 * absolutely with its open orders taken off by itself (`over_reservations`: what sells is the quantity written less its
 * reservations; a sale is a reservation, a shipment lowers quantity and reservations alike).
 */
export type WriteMode = "compare" | "delta" | "absolute" | "over_reservations";

/** `over`: set over reservations. `fence`: zero, until it is known what was sold before; over reservations it closes the listing and leaves its quantity alone. */
export type WriteKind = "compare" | "delta" | "set" | "over" | "fence";
