import { z } from "zod";

/** Postgres keeps no NUL in a text, and half of a surrogate pair is no character: UTF-8 and canonical JSON have none for it. */
export const isText = (text: string): boolean => !text.includes("\0") && text.isWellFormed();

/** Text of the outside, fit to be kept and to be asked for. */
export const text = () => z.string().refine(isText, "A text can't hold NUL or half of a surrogate pair.");
