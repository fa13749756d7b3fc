/** The stores of the client in the browser; opened on the first use, once. */
export type StoreName = 'outbox' | 'cache'

const VERSION = 1
const settled = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

export interface Database {
  /** Runs one request against a store; resolves when the transaction is committed, with the answer of the request. */
  run<Result>(
    store: StoreName,
    mode: IDBTransactionMode,
    ask: (store: IDBObjectStore) => IDBRequest<Result>,
  ): Promise<Result>
}

/** Each call rejects while the browser refuses its storage; the next one tries again. */
export function createDatabase(factory: IDBFactory, name: string): Database {
  let opening: Promise<IDBDatabase> | undefined

  function open(): Promise<IDBDatabase> {
    const request = factory.open(name, VERSION)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('outbox', { keyPath: ['user', 'room', 'id'] }).createIndex('user', 'user')
      request.result.createObjectStore('cache')
    }
    return settled(request).then((database) => {
      database.onclose = () => {
        opening = undefined
      }
      database.onversionchange = () => database.close()
      return database
    })
  }

  return {
    async run(store, mode, ask) {
      opening ??= open()
      const database = await opening.catch((error: unknown) => {
        opening = undefined
        throw error
      })
      const transaction = database.transaction(store, mode, { durability: 'strict' })
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve()
        transaction.onabort = () => reject(transaction.error)
      })
      const [answer] = await Promise.all([settled(ask(transaction.objectStore(store))), done])
      return answer
    },
  }
}
