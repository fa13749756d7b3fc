/** What is left of a picture's file, and how large it is drawn. */
export type CleanImage = { parts: Uint8Array[]; width: number; height: number }
