import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useChange } from '../graphql/change.js';
import type { Failure } from '../graphql/failure.js';

interface FormOptions<Data, Variables> {
  /** Makes the variables of the mutation from what was typed. */
  readonly variables: (value: (name: string) => string) => Variables;
  /** Called with the answer, and with the form so that it can be emptied. */
  readonly onDone: (data: Data, form: HTMLFormElement) => void;
  /** As for `useChange`. */
  readonly touches?: readonly string[];
}

/**
 * A form that sends one mutation. Its fields are named like the arguments and keep what was typed themselves; an error
 * of an argument stands beside its field until that field is changed.
 */
export function useForm<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { variables, onDone, touches }: FormOptions<Data, Variables>,
) {
  const { run, busy } = useChange(document, { touches });
  const [failure, setFailure] = useState<Failure | null>(null);
  const ref = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (failure !== null) {
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [failure]);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The event of a dialog's form rises through React to the form of the page around it.
    event.stopPropagation();
    const form = event.currentTarget;
    if (busy || isWaiting(failure)) {
      return;
    }
    const values = new FormData(form);
    const outcome = await run(variables((name) => String(values.get(name) ?? '')));
    setFailure(outcome.failure);
    if (outcome.failure === null) {
      onDone(outcome.data, form);
    }
  };

  const onInput = (event: FormEvent<HTMLFormElement>) => {
    const { name } = event.target as HTMLInputElement;
    if (failure !== null && name in failure.fields) {
      const { [name]: _mended, ...fields } = failure.fields;
      setFailure(Object.keys(fields).length === 0 ? null : { ...failure, fields });
    }
  };

  return {
    /** For the `form` element. */
    form: { ref, onSubmit, onInput, noValidate: true } as const,
    /** For a field of Mantine. */
    field: (name: string) => ({ name, error: failure?.fields[name] }),
    failure,
    busy,
    /** Puts the form back as if it had never been sent. */
    forget: () => setFailure(null),
  };
}

function isWaiting(failure: Failure | null): boolean {
  return failure !== null && failure.waitUntil !== null && failure.waitUntil > Date.now();
}
