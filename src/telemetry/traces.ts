/** What a trace tells of a request; nothing of what it carries. */
export interface TracedRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** The pattern of its address; null where there is none. */
  readonly route: string | null;
  readonly scheme: string;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What an operation of GraphQL was, and the code of its first error. */
export interface TracedOperation {
  readonly type: string | undefined;
  readonly name: string | null | undefined;
  readonly error: string | undefined;
}

/** One request on its way. */
export interface RequestTrace {
  /** For the log, so that its lines lead to the trace. */
  readonly ids: { readonly trace_id: string; readonly span_id: string };
  /** An operation begins; statements belong to it until what is returned ends it. */
  operation(): (operation: TracedOperation) => void;
  /** A statement has run, since a moment of `performance.now()`; `error` is its SQLSTATE or kind. */
  statement(text: string, since: number, error: string | null): void;
  end(status: number): void;
}

/** Follows requests for whoever collects traces. */
export interface Traces {
  begin(request: TracedRequest): RequestTrace;
  /** Sends what is pending and lets go; never throws, and never takes more than two seconds. */
  close(): Promise<void>;
}
