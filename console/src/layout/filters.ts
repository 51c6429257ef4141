import { useSearchParams } from 'wouter';

/** What a list is narrowed to. It stands in the address, so that links and the way back find it again. */
export interface Filters {
  /** Everything at once; equal for equal filters. */
  readonly spelled: string;
  /** Empty when the list is not narrowed by it. */
  readonly value: (name: string) => string;
  readonly set: (name: string, value: string) => void;
  readonly clear: () => void;
}

export function useFilters(): Filters {
  const [params, setParams] = useSearchParams();
  return {
    spelled: params.toString(),
    value: (name) => params.get(name) ?? '',
    set: (name, value) =>
      setParams(
        (last) => {
          const next = new URLSearchParams(last);
          if (value === '') {
            next.delete(name);
          } else {
            next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    clear: () => setParams({}, { replace: true }),
  };
}
