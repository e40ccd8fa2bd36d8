/** Layout of the memory in which all workers keep what was used once; in words of 32 bits. */

/** Words of the secret that signs nonces, with a word in front that says whether it is there. */
export const nonceSecretWords = 9
/** Buckets that entries fall into by their tag. */
export const nonceBuckets = 512
/** Entries of a bucket. */
export const nonceBucketEntries = 8
/** Words of an entry: tag, time, count. */
export const nonceEntryWords = 3
/** Words of a bucket: a lock, the time up to which entries were forgotten, and the entries. */
export const nonceBucketWords = 2 + nonceBucketEntries * nonceEntryWords
/** Size of the whole in bytes. */
export const nonceBytes = 4 * (nonceSecretWords + nonceBuckets * nonceBucketWords)
/** Size for signatures, of which there are more at a time: room for 65,536. */
export const signatureBytes = 4 * (nonceSecretWords + 16 * nonceBuckets * nonceBucketWords)
